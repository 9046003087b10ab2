import type { Answered } from './calls.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LONGEST_GUESS_MS = 15 * MINUTE_MS;
const PERMISSION = /resource not accessible|suspended/i;
const LIMIT = /rate limit|abuse detection/i;

const header = ({ headers }: Answered, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

function retryAfterMs(text: string, nowMs: number): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
}

/** The reset is a time of GitHub's clock, so it is compared with GitHub's date. */
function untilResetMs(answer: Answered, nowMs: number): number {
  const date = Date.parse(header(answer, 'date') ?? '');
  return Number(header(answer, 'x-ratelimit-reset')) * 1000 - (Number.isNaN(date) ? nowMs : date) + 1000;
}

function isLimit(answer: Answered): boolean {
  if (answer.status === 429) return true;
  if (answer.status !== 403 || PERMISSION.test(answer.message ?? '')) return false;
  return header(answer, 'retry-after') !== undefined || header(answer, 'x-ratelimit-remaining') === '0' || LIMIT.test(answer.message ?? '');
}

/**
 * How long GitHub wants to be left alone, in ms (1 s to a day); undefined when the answer is no limit. `retry-after` counts, else the reset of a
 * spent budget, else a minute that doubles with `before`: how many limits in a row there were.
 */
export function limitOf(answer: Answered, before: number, nowMs: number): number | undefined {
  if (!isLimit(answer)) return undefined;
  const asked = header(answer, 'retry-after');
  const spent = header(answer, 'x-ratelimit-remaining') === '0';
  const guessMs = Math.min(MINUTE_MS * 2 ** before, LONGEST_GUESS_MS);
  const told = asked === undefined ? (spent ? untilResetMs(answer, nowMs) : guessMs) : retryAfterMs(asked, nowMs);
  return Math.min(Math.max(Number.isFinite(told) ? told : guessMs, 1000), DAY_MS);
}
