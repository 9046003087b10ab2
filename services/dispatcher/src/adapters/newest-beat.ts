import { regionBeatSchema, streamNames, subjects } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';

/**
 * When the newest beat of `peer` that arrived in `region` was written, ms since 1970 by the peer's clock; undefined when none did. Copies keep the order
 * of their origin, so all that the peer wrote before has arrived too.
 */
export async function newestBeatMs(bus: Bus, region: string, peer: string): Promise<number | undefined> {
  const subject = subjects.fact(peer, 'g', 'region.beat');
  const message = await bus.jsm.direct.getMessage(streamNames(region).peers, { last_by_subj: subject });
  const { data } = regionBeatSchema.safeParse(message?.json());
  return data === undefined ? undefined : Date.parse(data.at);
}
