import type { Bus } from '@waybill/transport';
import { originText, type StreamState } from '../../domain/continuity.ts';
import { originOf } from './origin.ts';

/** Asks a stream for its bounds. Throws when it is missing or NATS is away. */
export async function streamState(bus: Bus, stream: string): Promise<StreamState> {
  if (!bus.isUp()) throw new Error('NATS is away');
  const { created, state } = await bus.jsm.streams.info(stream);
  return { created, firstSeq: state.first_seq, lastSeq: state.last_seq };
}

/** How full a stream is. */
export interface StreamFill {
  readonly lastSeq: number;
  readonly bytes: number;
  /** Where its messages are limited and not their bytes, so many times their present mean. Undefined: as much as the server allows. */
  readonly limitBytes: number | undefined;
}

/** Asks a stream how full it is. Throws when it is missing or NATS is away. */
export async function streamFill(bus: Bus, stream: string): Promise<StreamFill> {
  if (!bus.isUp()) throw new Error('NATS is away');
  const { state, config } = await bus.jsm.streams.info(stream);
  const { bytes, messages, last_seq: lastSeq } = state;
  const ofMessages = config.max_msgs > 0 && messages > 0 ? (bytes / messages) * config.max_msgs : undefined;
  return { lastSeq, bytes, limitBytes: config.max_bytes > 0 ? config.max_bytes : ofMessages };
}

/** The bounds of a stream that holds copies, with where the one at `reached` came from. */
export async function copiesState(bus: Bus, stream: string, reached: number): Promise<StreamState> {
  const state = await streamState(bus, stream);
  if (reached < state.firstSeq || reached > state.lastSeq) return state;
  const message = await bus.jsm.direct.getMessage(stream, { seq: reached });
  const origin = originOf(message?.header);
  return origin === undefined ? state : { ...state, originReached: originText(origin) };
}

const STREAM_NOT_FOUND = 10_059;

/** Whether there is such a stream. Throws when NATS is away. */
export async function hasStream(bus: Bus, stream: string): Promise<boolean> {
  try {
    await streamState(bus, stream);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === STREAM_NOT_FOUND) return false;
    throw error;
  }
}

/** The first sequence from `seq` on that a stream holds; undefined when there is none. */
export async function nextSequence(bus: Bus, stream: string, seq: number): Promise<number | undefined> {
  const message = await bus.jsm.direct.getMessage(stream, { seq, next_by_subj: '>' });
  return message?.seq;
}
