import type { Bus } from '@waybill/transport';

/** A region, and a connection to it as its operator. */
export interface AuditedRegion {
  readonly id: string;
  readonly bus: Bus;
}

/** What a stream holds. */
export interface StreamEnds {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly messages: number;
  /** When the oldest message was stored, ms since 1970. Only with messages. */
  readonly firstMs: number;
  readonly bytes: number;
  /** When the stream was made: another one of the same name has other sequences. */
  readonly created: string;
}

export async function endsOf(bus: Bus, stream: string): Promise<StreamEnds> {
  const { state, created } = await bus.jsm.streams.info(stream);
  const { first_seq: firstSeq, last_seq: lastSeq, messages, bytes, first_ts: firstTs } = state;
  return { firstSeq, lastSeq, messages, bytes, firstMs: Date.parse(firstTs), created };
}

/**
 * The sequence of the first message of a stream that was stored at `ms` (since 1970) or later; the one after the last when there is none. Asks about as often as
 * the number of messages has binary digits.
 */
export async function seqAt(bus: Bus, stream: string, ms: number): Promise<number> {
  const { firstSeq, lastSeq } = await endsOf(bus, stream);
  let [low, high] = [Math.max(1, firstSeq), lastSeq + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const message = await bus.jsm.direct.getMessage(stream, { seq: middle, next_by_subj: '>' });
    if (message === null || message.time.getTime() >= ms) high = middle;
    else low = message.seq + 1;
  }
  return low;
}
