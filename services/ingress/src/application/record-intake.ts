import type { IntakeMeasured } from '@waybill/contracts';
import type { IntakeCounts } from '../domain/intake-counts.ts';
import type { AppendFact } from './append-fact.ts';

export interface IntakePorts {
  readonly region: string;
  readonly counts: IntakeCounts;
  readonly append: AppendFact;
  readonly newMark: () => string;
  readonly nowMs: () => number;
}

/**
 * Builds what appends `intake.measured`, to be called now and then; it does nothing when nothing was asked since. What could not be appended is tried
 * again unchanged, for it may be stored all the same, while the next is counted. Never rejects; resolves false when the log is away.
 */
export function recordIntake({ region, counts, append, newMark, nowMs }: IntakePorts): () => Promise<boolean> {
  let waiting: { readonly msgId: string; readonly body: IntakeMeasured } | undefined;
  let isAppending = false;
  return async () => {
    if (isAppending) return true;
    const body = waiting === undefined ? counts.take(region, nowMs()) : undefined;
    if (body !== undefined) waiting = { msgId: `intake:${region}:${newMark()}`, body };
    if (waiting === undefined) return true;
    isAppending = true;
    try {
      await append({ type: 'intake.measured', scope: 'g', ...waiting });
      waiting = undefined;
      return true;
    } catch {
      return false;
    } finally {
      isAppending = false;
    }
  };
}
