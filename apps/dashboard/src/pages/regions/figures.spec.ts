import { expect, it } from 'vitest';
import { bucketEndMs, rangeOf, untilNextBucketMs } from './figures.ts';

const at = (text: string): number => Date.parse(`2026-11-21T${text}Z`);

it.each([
  ['minute', '10:07:04.999', '10:06:00', 1],
  ['minute', '10:07:05.000', '10:07:00', 60_000],
  ['hour', '10:07:05.000', '10:00:00', 3_175_000 + 5_000],
  ['day', '10:07:05.000', '00:00:00', 49_975_000 + 5_000],
] as const)('the newest %s that is over at %s ends at %s, and the next one in %d ms', (grain, now, end, untilMs) => {
  expect(bucketEndMs(grain, at(now))).toBe(at(end));
  expect(untilNextBucketMs(grain, at(now))).toBe(untilMs);
});

it('shows an hour when the URL names no range that there is', () =>
  expect(['7d', 'a year', null].map(rangeOf)).toEqual(['7d', '1h', '1h']));
