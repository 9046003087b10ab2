import { streamNames, WaybillError } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import type { StreamEnd } from '../application/dead-letters/wait-for-reads.ts';
import type { StreamReach } from '../application/jobs/replay.ts';

/** From where to where a stream goes at the moment. */
export type Reach = StreamReach & StreamEnd;

async function reachOf(bus: Bus, stream: string): Promise<Reach> {
  try {
    const { created, state } = await bus.jsm.streams.info(stream);
    const { messages, first_seq: firstSeq, first_ts: firstAt, last_seq: seq } = state;
    return { stream, created, messages, firstSeq, firstMs: Date.parse(firstAt), seq };
  } catch (error) {
    throw new WaybillError('WB_NATS_AWAY', `${stream} cannot be looked at`, { cause: error, extra: { retryAfterSeconds: 1 } });
  }
}

/** Looks at the LOG of a region and, where there are other regions, at its PEERS. The look throws WB_NATS_AWAY. */
export function reachIn(bus: Bus, region: string, hasPeers: boolean): () => Promise<{ log: Reach; peers: Reach | undefined }> {
  const { log, peers } = streamNames(region);
  return async () => {
    const [ofLog, ofPeers] = await Promise.all([reachOf(bus, log), hasPeers ? reachOf(bus, peers) : undefined]);
    return { log: ofLog, peers: ofPeers };
  };
}
