import { REGION_ID, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { MOST_REGIONS } from '../stack/layout.ts';
import type { LinkPorts } from '../stack/nats-servers.ts';

const QUORUM_NODES = 3;

/** The ids in `--regions`. Throws with what is wrong with them. */
export function regionIds(text: string): string[] {
  const ids = text.split(',').map((id) => id.trim());
  for (const id of ids) if (!REGION_ID.test(id) || id === 'hub') throw new Error(`"${id}" cannot be a region's id: use a-z, 0-9 and -`);
  if (new Set(ids).size !== ids.length) throw new Error(`--regions names a region twice: ${text}`);
  if (ids.length > MOST_REGIONS) throw new Error(`--regions names ${ids.length} regions; one machine runs at most ${MOST_REGIONS}`);
  return ids;
}

/** How many servers the hub has: none for one region, else three unless asked otherwise. */
export const hubNodesFor = (ids: readonly string[], asked?: number): number => (ids.length === 1 ? 0 : (asked ?? QUORUM_NODES));

/** Automatic failover needs a majority that survives a region. Throws WB_CONFIG_INVALID with the reason. */
export function checkFailover(env: NodeJS.ProcessEnv, ids: readonly string[], hubNodes: number): void {
  if (!/^(true|1|yes|on)$/i.test(env['FAILOVER_ENABLED'] ?? '')) return;
  if (ids.length > 1 && hubNodes >= QUORUM_NODES) return;
  const why = ids.length === 1 ? 'there is only one region' : `a hub of ${hubNodes} has no majority once a server is gone`;
  throw new WaybillError('WB_CONFIG_INVALID', `FAILOVER_ENABLED: ${why}; use two regions or more and --hub-nodes 3, or leave it out`);
}

const linkPortsSchema = z.record(z.string(), z.array(z.int().min(1).max(65_535)));

/** WAYBILL_LINK_PORTS, for drills: leaf ports that a region dials instead of the hub's, as `{"eu":[9001,9002,9003]}`. */
export function linkPortsFrom(env: NodeJS.ProcessEnv): LinkPorts | undefined {
  const text = env['WAYBILL_LINK_PORTS'];
  return text === undefined || text === '' ? undefined : linkPortsSchema.parse(JSON.parse(text));
}
