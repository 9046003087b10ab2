import type { JobStretch, PlanHead } from '@waybill/contracts';
import type { KnownJob } from './job-ledger.ts';

/** A message of the own LOG or of PEERS as a job reads it. */
export interface StoredFact {
  readonly stream: string;
  /** Sequence in `stream`. */
  readonly seq: number;
  /** Sequence in the LOG of the region that wrote it. */
  readonly originSeq: number;
  readonly subject: string;
  readonly body: Uint8Array;
  readonly storedMs: number;
}

/** A plan that a job made of an item. */
export interface PlannedItem {
  readonly itemId: string;
  readonly head: PlanHead;
}

/** `accepted`: events, finished workflow runs too. */
export type FactKind = 'accepted' | 'plans';

/** What jobs read. All methods reject while NATS is away. */
export interface JobStreams {
  /** The next messages of a stretch behind `afterSeq`, in order, a few hundred at most; empty at its end. */
  page(stretch: JobStretch, afterSeq: number, kind: FactKind): Promise<readonly StoredFact[]>;
  /** Undefined when it is gone, or there is no such stream here. */
  read(place: { readonly stream: string; readonly seq: number }): Promise<StoredFact | undefined>;
  /** Looks for the message of an event whose body contains `mark`, around the time of its acceptance, up to a bound. */
  search(eventId: string, kind: FactKind, mark: string): Promise<StoredFact | undefined>;
  /** The stretches of the own LOG and of PEERS that hold what belongs to events of a time range, as they are now; also what was stored late. */
  stretches(kind: FactKind, range: { readonly fromMs: number; readonly toMs: number }): Promise<JobStretch[]>;
  /** When a stream was made; undefined when there is none. */
  created(stream: string): Promise<string | undefined>;
  /** The plans in the own LOG that a job made and that are not counted in it, in order. */
  plannedSince(known: KnownJob): Promise<readonly PlannedItem[]>;
}
