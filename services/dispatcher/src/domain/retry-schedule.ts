const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits between attempts, in ms: entry 0 follows attempt 1. A delivery has one attempt more than the schedule has entries. */
export type RetrySchedule = readonly number[];

/** The schedule of the design: ten retries over about two days. */
export const DEFAULT_RETRY_SCHEDULE: RetrySchedule = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
];

/** Deployment settings: how many retries, and how long the first wait is (ms); the other waits grow in the same proportion. */
export interface RetrySettings {
  readonly maxRetries?: number | undefined;
  readonly baseDelayMs?: number | undefined;
}

const DEFAULT_BASE_MS = 5 * SECOND;

/** The schedule for `settings`. More retries than the default has repeat its longest wait. */
export function retryScheduleFrom({ maxRetries, baseDelayMs = DEFAULT_BASE_MS }: RetrySettings): RetrySchedule {
  const scaled = DEFAULT_RETRY_SCHEDULE.map((delayMs) => Math.round((delayMs / DEFAULT_BASE_MS) * baseDelayMs));
  const wanted = maxRetries ?? scaled.length;
  const longest = scaled.at(-1) ?? baseDelayMs;
  return Array.from({ length: wanted }, (_, index) => scaled[index] ?? longest);
}

/** The schedule of one endpoint: its own, given in seconds, or the deployment's. */
export function scheduleOf(endpoint: { readonly retrySchedule?: readonly number[] | undefined }, deployment: RetrySchedule): RetrySchedule {
  return endpoint.retrySchedule?.map((seconds) => seconds * SECOND) ?? deployment;
}

const JITTER = 0.1;

/** Adds up to 10 % to a wait, never takes away. `random` is in [0, 1). Whole ms. */
export function withJitter(delayMs: number, random: number): number {
  return Math.round(delayMs * (1 + JITTER * random));
}
