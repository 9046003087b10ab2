import type { Bus } from '@waybill/transport';
import type { StreamState } from '../../domain/continuity.ts';

/** Asks a stream for its bounds. Throws when it is missing or NATS is away. */
export async function streamState(bus: Bus, stream: string): Promise<StreamState> {
  if (!bus.isUp()) throw new Error('NATS is away');
  const { created, state } = await bus.jsm.streams.info(stream);
  return { created, firstSeq: state.first_seq, lastSeq: state.last_seq };
}
