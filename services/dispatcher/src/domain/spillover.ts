import type { SPILL_REASONS } from '@waybill/contracts';

/** How loaded a region is, and above what it counts as overloaded: deliveries that wait, percent of the places taken, failed attempts as a share. */
export interface Load {
  readonly queueDepth: number;
  readonly concurrencyPercent: number;
  readonly errorRate: number;
}

export type SpillReason = (typeof SPILL_REASONS)[number];

/** Whether a region asks for new events to go elsewhere, and for how many reports in a row its load has said the opposite. */
export interface Spilling {
  readonly spilling: boolean;
  readonly streak: number;
}

export const NOT_SPILLING: Spilling = { spilling: false, streak: 0 };

/** The state after one more report. `because` is set when it changed. */
export interface SpillVerdict {
  readonly next: Spilling;
  readonly because?: SpillReason;
}

/** Reports in a row that must say so; twice a report's interval of noise must not move work between regions. */
const REPORTS_TO_BEGIN = 3;
const REPORTS_TO_END = 5;
const CALM = 0.8;

/** Begins after three reports in a row with any threshold reached, ends after five in a row with all values below 80 % of theirs. */
export function judgeSpill({ spilling, streak }: Spilling, load: Load, thresholds: Load): SpillVerdict {
  const because = spilling ? calmed(load, thresholds) : reached(load, thresholds);
  if (because === undefined) return { next: { spilling, streak: 0 } };
  const needed = spilling ? REPORTS_TO_END : REPORTS_TO_BEGIN;
  if (streak + 1 < needed) return { next: { spilling, streak: streak + 1 } };
  return { next: { spilling: !spilling, streak: 0 }, because };
}

/** A threshold of nothing is reached by anything, not by nothing. */
function reached(load: Load, thresholds: Load): SpillReason | undefined {
  const isReached = (of: keyof Load): boolean => load[of] > 0 && load[of] >= thresholds[of];
  if (isReached('queueDepth')) return 'queue_depth';
  if (isReached('concurrencyPercent')) return 'concurrency';
  return isReached('errorRate') ? 'error_rate' : undefined;
}

function calmed(load: Load, thresholds: Load): SpillReason | undefined {
  const isCalm = (of: keyof Load): boolean => load[of] === 0 || load[of] < thresholds[of] * CALM;
  return isCalm('queueDepth') && isCalm('concurrencyPercent') && isCalm('errorRate') ? 'below_all' : undefined;
}
