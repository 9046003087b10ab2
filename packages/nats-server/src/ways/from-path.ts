import { executablesOnPath, pathFolders } from '../executable-on-path.ts';
import { missed, type Way } from '../search.ts';
import { checkBinary } from '../version.ts';

/** The first usable `nats-server` on PATH; an old one is passed over, and named in the reason. */
export const fromPath: Way = {
  name: 'PATH',
  find: async (search) => {
    const reasons: string[] = [];
    for (const binary of await executablesOnPath('nats-server', search)) {
      const check = await checkBinary(binary, search);
      if (check.kind === 'usable') return { kind: 'found', binary, version: check.version };
      reasons.push(check.reason);
    }
    return missed(reasons.join('; ') || `no nats-server in its ${pathFolders(search.env).length} folders`);
  },
};
