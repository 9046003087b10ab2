import { randomBytes } from 'node:crypto';
import { newEventId, traceIdOf } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { Sampler } from './sampler.ts';

const lowest = `${'f'.repeat(18)}${'0'.repeat(14)}`;
const highest = 'f'.repeat(32);
const sampler = (ratio: number, perSecond = 0, nowMs = () => 10_000): Sampler => new Sampler({ ratio, perSecond, nowMs });

describe('which traces are recorded', () => {
  it('are all at 1 and none at 0', () => {
    expect([lowest, highest].map((id) => sampler(1).takes(id))).toEqual([true, true]);
    expect([lowest, highest].map((id) => sampler(0).takes(id))).toEqual([false, false]);
  });

  it('follows from the low 56 bits of the id alone, as OpenTelemetry compares them', () => {
    const half = `${'0'.repeat(18)}8${'0'.repeat(13)}`;
    const below = `${'f'.repeat(18)}7${'f'.repeat(13)}`;
    expect([half, below].map((id) => sampler(0.5).takes(id))).toEqual([true, false]);
  });

  it('is a tenth of the events at 0.1', () => {
    const tenth = sampler(0.1);
    const ids = Array.from({ length: 20_000 }, () => traceIdOf(newEventId(Date.now(), randomBytes(10))) ?? '');
    const taken = ids.filter((id) => tenth.takes(id)).length;
    // 6 standard deviations of 42.
    expect(Math.abs(taken - 2_000)).toBeLessThan(255);
  });

  it('are so many in a second at most', () => {
    let nowMs = 10_000;
    const limited = sampler(1, 2, () => nowMs);
    const take = (): boolean[] => Array.from({ length: 3 }, () => limited.takes(highest));
    expect(take()).toEqual([true, true, false]);
    nowMs += 1_000;
    expect(take()).toEqual([true, true, false]);
    // The clock is set back.
    nowMs -= 60_000;
    expect(take()).toEqual([true, true, false]);
  });
});
