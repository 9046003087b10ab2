/** The longest wait that a receiver may ask for, in ms, unless the deployment says otherwise. */
export const DEFAULT_MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

const SECONDS = /^\d{1,10}$/;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/** Reads `Retry-After`, seconds or an HTTP date, as a wait in ms clamped to `maxMs`; undefined when it is absent, garbage, zero or past. */
export function parseRetryAfter(value: string | undefined, nowMs: number, maxMs: number): number | undefined {
  const text = value?.trim() ?? '';
  const waitMs = SECONDS.test(text) ? Number(text) * 1000 : dateWaitMs(text, nowMs);
  return waitMs > 0 ? Math.min(waitMs, maxMs) : undefined;
}

function dateWaitMs(text: string, nowMs: number): number {
  return HTTP_DATE.test(text) ? Date.parse(text) - nowMs : 0;
}
