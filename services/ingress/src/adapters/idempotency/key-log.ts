import { HEADERS } from '@waybill/contracts';
import { type Bus, scanStream } from '@waybill/transport';
import type { KeyEntry } from '../../application/keyed-events.ts';
import type { Checkpoint } from './key-store.ts';

/** Called for each accepted event in order; `entry` only when its sender gave a key. */
export type VisitKey = (seq: number, atMs: number, entry: KeyEntry | undefined) => void;

/** A stream of accepted events as the key index reads it. */
export interface KeyLog {
  /** Which one it is, for people: `LOG` or `PEERS`. */
  readonly name: string;
  /** Where the stream ends now, and which one of its name it is. */
  end(): Promise<Checkpoint>;
  read(from: { seq: number } | { timeMs: number }, visit: VisitKey): Promise<void>;
}

/** Reads the keys of accepted events from a stream; headers only, payloads stay where they are. */
export function keyLog(bus: Bus, of: { readonly name: string; readonly stream: string; readonly subjects: readonly string[] }): KeyLog {
  const { name, stream, subjects } = of;
  return {
    name,
    end: async () => {
      const { state, created } = await bus.jsm.streams.info(stream);
      return { stream: created, seq: state.last_seq, atMs: 0 };
    },
    read: (from, visit) =>
      scanStream(
        bus,
        {
          stream,
          subjects,
          headersOnly: true,
          ...('seq' in from ? { fromSeq: from.seq } : { fromTimeMs: from.timeMs }),
        },
        (message) => {
          const { seq, timestampMs: atMs } = message;
          const key = message.header(HEADERS.idempotency);
          visit(seq, atMs, key === '' ? undefined : { key, seq, bodyHash: message.header(HEADERS.bodyHash), atMs });
        },
      ),
  };
}
