import { cachedBinary } from '../cache.ts';
import { missed, type Way } from '../search.ts';
import { checkBinary } from '../version.ts';

/** The binary an earlier search fetched. One that has become too old is replaced by the ways after this one. */
export const fromCache: Way = {
  name: 'cache',
  find: async (search) => {
    const binary = cachedBinary(search);
    const check = await checkBinary(binary, search);
    return check.kind === 'usable' ? { kind: 'found', binary, version: check.version } : missed(check.reason);
  },
};
