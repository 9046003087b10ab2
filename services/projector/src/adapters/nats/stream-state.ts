import type { Bus } from '@waybill/transport';
import type { StreamState } from '../../domain/continuity.ts';

/** Asks a stream for its bounds. Throws when it is missing or NATS is away. */
export async function streamState(bus: Bus, stream: string): Promise<StreamState> {
  if (!bus.isUp()) throw new Error('NATS is away');
  const { created, state } = await bus.jsm.streams.info(stream);
  return { created, firstSeq: state.first_seq, lastSeq: state.last_seq };
}

/** The first sequence from `seq` on that a stream holds; undefined when there is none. */
export async function nextSequence(bus: Bus, stream: string, seq: number): Promise<number | undefined> {
  const message = await bus.jsm.direct.getMessage(stream, { seq, next_by_subj: '>' });
  return message?.seq;
}
