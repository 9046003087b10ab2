import type { EventId, TraceContext } from '@waybill/contracts';

/** Where the event of a key was stored in its stream, and when. */
export interface KeyEntry {
  readonly key: string;
  readonly seq: number;
  readonly bodyHash: string;
  readonly atMs: number;
}

/** What a repeat must know of the event that was stored before. `key` is empty when it was sent without one; `trace` undefined when its trace is not recorded. */
export type StoredEvent = Omit<KeyEntry, 'seq'> & { readonly eventId: EventId; readonly trace?: TraceContext | undefined };

/** A stream of accepted events, and what is known of the keys in it. */
export interface KeyedEvents {
  /** Synchronous, because nearly every request with a key asks and nearly none finds. May return what is older than the TTL. */
  readonly findKey: (key: string) => KeyEntry | undefined;
  /** The event stored at a sequence; undefined when it is gone. Must see what was acked before. */
  readonly readStored: (seq: number) => Promise<StoredEvent | undefined>;
}
