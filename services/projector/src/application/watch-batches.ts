import type { TraceContext } from '@waybill/contracts';
import type { StoredMessage } from '../domain/read-fact.ts';

/** A message whose trace is recorded, with the place of who wrote it. */
export interface TracedMessage {
  readonly subject: string;
  readonly seq: number;
  readonly place: TraceContext;
}

/** A batch that is over: its rows are committed, or it failed. Times are ms since 1970, fractions allowed. */
export interface BatchWork {
  readonly stream: string;
  readonly messages: number;
  /** Of its last message. */
  readonly seq: number;
  readonly startMs: number;
  readonly endMs: number;
  /** At most 128, none that was stored long ago. */
  readonly traced: readonly TracedMessage[];
  /** Why it failed, in one word; absent: it did not. */
  readonly failed?: string;
}

/** Told of batches that failed, were slow, or hold a message whose trace is recorded: of no other is there anything to say. */
export interface BatchWatch {
  readonly nowMs: () => number;
  readonly tell: (work: BatchWork) => void;
}

type Traceable = StoredMessage & { readonly trace?: TraceContext | undefined };
type Handle<M> = (batch: readonly M[]) => Promise<void>;

/** From here on a batch is slow. */
export const SLOW_MS = 1_000;
/** As many links as a span keeps. */
const MOST_TRACED = 128;
/** Whoever collects traces looks at one for so long at most. A store that is filled again from the beginning of a stream says nothing of what is long over. */
const LATE_MS = 900_000;

/** Handles batches as before, and tells of those that are worth it. After a crash between commit and telling nothing is told; what is read again is told again. */
export function watched<M extends Traceable>(handle: Handle<M>, watch: BatchWatch | undefined): Handle<M> {
  if (watch === undefined) return handle;
  return async (batch) => {
    const startMs = watch.nowMs();
    try {
      await handle(batch);
    } catch (error) {
      watch.tell({ ...workOf(batch, startMs, watch.nowMs()), failed: codeOf(error) });
      throw error;
    }
    const work = workOf(batch, startMs, watch.nowMs());
    if (work.traced.length > 0 || work.endMs - startMs > SLOW_MS) watch.tell(work);
  };
}

function workOf(batch: readonly Traceable[], startMs: number, endMs: number): BatchWork {
  const traced: TracedMessage[] = [];
  for (const { subject, seq, timestampMs, trace: place } of batch) {
    if (place !== undefined && traced.length < MOST_TRACED && startMs - timestampMs <= LATE_MS) traced.push({ subject, seq, place });
  }
  const last = batch.at(-1);
  return { stream: last?.stream ?? '', messages: batch.length, seq: last?.seq ?? 0, startMs, endMs, traced };
}

/** A message may hold what was to be written, so only the code or the name is told. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
