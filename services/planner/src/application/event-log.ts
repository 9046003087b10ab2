import type { AcceptedType, PlanHead } from '@waybill/contracts';
import type { AcceptedEvent } from './append-plans.ts';

/** A stretch of a stream; `toSeq` is included. Without bounds: all of it. */
export interface Stretch {
  readonly fromSeq?: number | undefined;
  readonly fromMs?: number | undefined;
  readonly toSeq?: number | undefined;
}

/** An accepted event; `storedMs` is when this stream stored it. */
export interface FoundEvent {
  readonly kind: 'accepted';
  readonly type: AcceptedType;
  /** Only of finished runs, as far as it can be read. */
  readonly eventId?: string | undefined;
  readonly place: number;
  readonly seq: number;
  readonly storedMs: number;
}

/** What a stream says of one event of a region. `place` is the sequence in that stream, `seq` that of the event in its region's LOG. */
export type Found =
  | FoundEvent
  | { readonly kind: 'planned'; readonly place: number; readonly seq: number; readonly head: PlanHead }
  | { readonly kind: 'refused'; readonly place: number; readonly seq: number };

/** What a stream holds of the events of one region. All methods reject when NATS is away. */
export interface EventLog {
  /** Reads what was accepted, planned and refused, in the order of the stream, to its present end at most. Resolves with the first place it read. */
  scan(stretch: Stretch, visit: (found: Found) => void): Promise<number | undefined>;
  /** An accepted event that was found; undefined when it is gone. */
  read(found: FoundEvent): Promise<AcceptedEvent | undefined>;
  /** The stream's present end, and when the oldest message it has was stored. */
  extent(): Promise<{ readonly lastSeq: number; readonly firstMs: number }>;
  /** When the newest accepted event was stored; undefined when there is none. */
  newestMs(): Promise<number | undefined>;
}
