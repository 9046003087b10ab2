import { join } from 'node:path';
import { adopt, inStaging } from '../cache.ts';
import { executablesOnPath } from '../executable-on-path.ts';
import { PINNED_VERSION } from '../pinned-releases.ts';
import { executableName } from '../platform.ts';
import { runCommand } from '../run-command.ts';
import { missed, type Search, type Way, type WayResult } from '../search.ts';

const goModule = `github.com/nats-io/nats-server/v2@v${PINNED_VERSION}`;

/** The caller's environment, less what would make go build for another machine or from another place than the module. */
function buildEnvironment(search: Search, folder: string): Search['env'] {
  const { GOOS: _os, GOARCH: _arch, GOFLAGS: _flags, ...env } = search.env;
  return { ...env, GOBIN: folder, CGO_ENABLED: '0', GOWORK: 'off' };
}

async function build(search: Search, folder: string): Promise<WayResult> {
  const settings = { env: buildEnvironment(search, folder), signal: search.signal, cwd: folder };
  search.report(`asking the module proxy for ${goModule}`);
  const probe = await runCommand('go', ['list', '-m', goModule], { ...settings, timeoutMs: search.budgets.goProbeMs });
  if (probe.kind === 'failed') return missed(probe.reason);
  search.report('building nats-server; this takes a minute or two');
  const built = await runCommand('go', ['install', goModule], { ...settings, timeoutMs: search.budgets.goBuildMs });
  if (built.kind === 'failed') return missed(built.reason);
  return adopt(search, join(folder, executableName('nats-server', search.platform)));
}

/** Built from source by an installed Go toolchain, into the cache. */
export const fromGo: Way = {
  name: 'go install',
  find: async (search) => {
    if ((await executablesOnPath('go', search)).length === 0) return missed('go is not on PATH');
    return inStaging(search, (folder) => build(search, folder));
  },
};
