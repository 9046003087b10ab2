import { describe, expect, it } from 'vitest';
import { limitOf } from './limits.ts';

const nowMs = Date.parse('2026-11-21T12:00:00Z');
const answer = (status: number, headers: Record<string, string>, message = 'no') =>
  ({ kind: 'answered', status, headers, data: {}, message }) as const;
const reset = (ms: number): string => `${ms / 1000}`;

describe('limits of GitHub', () => {
  it.each([
    ['retry-after in seconds', answer(403, { 'retry-after': '90' }), 0, 90_000],
    ['retry-after as a date', answer(429, { 'retry-after': 'Sat, 21 Nov 2026 12:02:00 GMT' }), 0, 120_000],
    ['retry-after before the reset', answer(429, { 'retry-after': '7', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }), 0, 7000],
    ['the reset', answer(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset(nowMs + 600_000) }), 0, 601_000],
    [
      "the reset by GitHub's clock",
      answer(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset(nowMs), date: 'Sat, 21 Nov 2026 11:50:00 GMT' }),
      0,
      601_000,
    ],
    ['a reset that is no number', answer(403, { 'x-ratelimit-remaining': '0' }), 0, 60_000],
    ['a minute by the text', answer(403, {}, 'You have exceeded a secondary rate limit.'), 0, 60_000],
    ['longer the fourth time', answer(429, {}), 3, 480_000],
    ['no longer than a quarter of an hour', answer(429, {}), 20, 900_000],
    ['no longer than a day', answer(429, { 'retry-after': '99999999' }), 0, 86_400_000],
    ['no less than a second', answer(429, { 'retry-after': '0' }), 0, 1000],
  ])('count %s', (_what, limited, before, ms) => {
    expect(limitOf(limited, before, nowMs)).toBe(ms);
  });

  it.each([
    [answer(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }, 'Resource not accessible by integration')],
    [answer(403, {}, 'Workflow execution is blocked by policy.')],
    [answer(200, { 'x-ratelimit-remaining': '0' })],
    [answer(502, { 'retry-after': '90' })],
  ])('are not what %o says', (other) => {
    expect(limitOf(other, 0, nowMs)).toBeUndefined();
  });
});
