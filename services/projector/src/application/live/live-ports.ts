import type { LiveChange } from '../../domain/live/live-change.ts';
import type { LivePart, LivePosition } from '../../domain/live/live-position.ts';
import type { Later } from '../in-batches.ts';

/** When the streams were made that a position is of; null for one that was never read. */
export interface LiveStreams {
  readonly log: string | null;
  readonly peers: string | null;
}

/**
 * What a projection tells of itself, in order. `opened`: it begins, or begins again, and its read models are there. `moved`: they are a step further;
 * `change` absent: nobody sees a difference. `created`: the stream's own time of birth.
 */
export type LiveNotice =
  | { readonly kind: 'opened'; readonly position: LivePosition; readonly streams: LiveStreams }
  | {
      readonly kind: 'moved';
      readonly part: LivePart;
      readonly created: string;
      readonly from: number;
      readonly to: number;
      readonly change?: LiveChange;
    };

/** Somebody who follows. */
export interface LiveClient {
  /** Keeps `bytes` until they are sent; they are never changed. Who is too slow for that ends by itself. */
  send(bytes: Uint8Array): void;
  end(): void;
}

/** What came between two positions, as far as the streams still tell. */
export interface Stretch {
  readonly position: LivePosition;
  readonly change: LiveChange | undefined;
}

/** Reads from the streams what came after `from` up to `to`; undefined when that cannot be known. Never throws. */
export type ReadStretch = (from: LivePosition, to: LivePosition, streams: LiveStreams) => Promise<readonly Stretch[] | undefined>;

/** What following live needs from outside. */
export interface LivePorts {
  readonly region: string;
  readonly readStretch: ReadStretch;
  readonly nowMs: () => number;
  readonly later: Later;
  /** Any text that is not given twice: letters and digits. */
  readonly newSalt: () => string;
  /** A short digest of a text: letters and digits. */
  readonly digest: (text: string) => string;
}
