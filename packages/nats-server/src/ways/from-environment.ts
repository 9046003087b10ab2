import type { Way } from '../search.ts';
import { missed } from '../search.ts';
import { checkBinary } from '../version.ts';

/** The binary named by `NATS_SERVER_BIN`. Set but unusable ends the search: whoever set it wants that one or an error. */
export const fromEnvironment: Way = {
  name: 'NATS_SERVER_BIN',
  find: async (search) => {
    const binary = search.env['NATS_SERVER_BIN'];
    if (binary === undefined || binary === '') return missed('not set');
    const check = await checkBinary(binary, search);
    if (check.kind === 'unusable') return { kind: 'refused', reason: check.reason };
    return { kind: 'found', binary, version: check.version };
  },
};
