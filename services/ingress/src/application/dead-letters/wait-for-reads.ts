import { WaybillError } from '@waybill/contracts';
import type { DeadLetterReads, ReadPosition } from './dead-letter-reads.ts';

/** The end of a stream as it is now. */
export interface StreamEnd {
  readonly stream: string;
  readonly seq: number;
  readonly created: string;
}

export interface ReadsPorts {
  readonly reads: DeadLetterReads;
  /** The ends of this region's LOG and, where there is one, of its PEERS. Throws WB_NATS_AWAY. */
  readonly ends: () => Promise<{ readonly log: StreamEnd; readonly peers?: StreamEnd | undefined }>;
  readonly nowMs: () => number;
  /** Throws WB_NOT_READY when `signal` aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborted when the service stops: whoever waits or reads on would hold that up. */
  readonly stopping: AbortController;
}

const BUDGET_MS = 30_000;
const LOOK_EVERY_MS = 100;

type Reached = ReadPosition['peers'];

function isPast(end: StreamEnd | undefined, read: Reached): boolean {
  if (end === undefined) return true;
  if (!read) return end.seq === 0;
  const isSame = !read.created || Date.parse(read.created) === Date.parse(end.created);
  return isSame && read.seq >= end.seq;
}

const toldOf = (end: StreamEnd, read: Reached): string => `${end.stream} was read to ${read?.seq ?? 0} of ${end.seq}`;

/**
 * Waits until the read models hold all that this region's streams held when it was called, so that nothing is decided on what is over. Up to 30 s, then
 * WB_READS_BEHIND with how far they are; also WB_PROJECTOR_AWAY, WB_NATS_AWAY, WB_NOT_READY.
 */
export async function waitForReads({ reads, ends, nowMs, wait, stopping }: ReadsPorts): Promise<void> {
  const { log, peers } = await ends();
  const deadlineMs = nowMs() + BUDGET_MS;
  for (;;) {
    const position = await reads.position();
    if (isPast(log, position.log) && isPast(peers, position.peers)) return;
    if (nowMs() >= deadlineMs) {
      const told = [toldOf(log, position.log), ...(peers === undefined ? [] : [toldOf(peers, position.peers)])];
      throw new WaybillError('WB_READS_BEHIND', `${told.join(', ')}; nothing was changed`, { extra: { retryAfterSeconds: 10 } });
    }
    await wait(LOOK_EVERY_MS, stopping.signal);
  }
}
