import { HEADERS, streamNames, subjects } from '@waybill/contracts';
import { type Bus, scanStream } from '@waybill/transport';
import type { KeyEntry } from '../../application/accept-event.ts';
import type { Checkpoint } from './key-store.ts';

/** Called for each accepted event in order; `entry` only when its sender gave a key. */
export type VisitKey = (seq: number, atMs: number, entry: KeyEntry | undefined) => void;

/** The LOG as the key index reads it. */
export interface KeyLog {
  /** Where the LOG ends now, and which LOG it is. */
  end(): Promise<Checkpoint>;
  read(from: { seq: number } | { timeMs: number }, visit: VisitKey): Promise<void>;
}

/** Reads the keys of accepted events from a region's LOG; headers only, payloads stay where they are. */
export function keyLog(bus: Bus, region: string): KeyLog {
  const stream = streamNames(region).log;
  return {
    end: async () => {
      const { state, created } = await bus.jsm.streams.info(stream);
      return { stream: created, seq: state.last_seq, atMs: 0 };
    },
    read: (from, visit) =>
      scanStream(
        bus,
        {
          stream,
          subjects: [subjects.factFilter(region, 'event.accepted')],
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
