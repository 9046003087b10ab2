import { describe, expect, it } from 'vitest';
import { costsOf, rssAround } from './costs.ts';
import type { Sample } from './sampler.ts';

const sample = (events: number, cpuMs: number, rssBytes: number): Sample => ({ atMs: 0, events, usage: { planner: { cpuMs, rssBytes } } });
const samples = [
  sample(0, 100, 10),
  sample(300, 150, 20),
  sample(340, 160, 22),
  sample(360, 170, 90),
  sample(1_000, 300, 30),
  sample(1_000, 500, 40),
];

describe('what processes cost', () => {
  it('divides the CPU time by the events, and compares memory at the end with memory at a third', () => {
    const { planner } = costsOf(samples, ['planner'], 1_000);
    expect(planner).toEqual({ cpuMicrosPerEvent: 400, rssStart: 10, rssThird: 22, rssEnd: 30, rssMax: 90, growth: 30 / 22 });
  });

  it('leaves out a process that was never seen', () => {
    expect(costsOf(samples, ['ghost'], 1_000)).toEqual({});
  });

  it('takes the median around a mark', () => {
    expect(rssAround(samples, 'planner', 333, 1_000)).toBe(22);
  });
});
