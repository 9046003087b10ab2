import { describe, expect, it } from 'vitest';
import { Lanes } from './lanes.ts';

describe('lanes', () => {
  it('let so many through at once, the first come first, each lane for itself, whatever becomes of them', async () => {
    const lanes = new Lanes({ width: 2, nowMs: Date.now, logger: undefined });
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const run = (lane: string, name: string): Promise<void> =>
      lanes.run(lane, () => {
        started.push(name);
        return new Promise((_, reject) => void ends.push(() => reject(new Error(name))));
      });
    const done = ['a', 'b', 'c', 'd'].map((name) => run('1', name).catch(() => undefined));
    done.push(run('2', 'e').catch(() => undefined));
    expect(started).toEqual(['a', 'b', 'e']);
    for (let ended = 0; ended < 5; ended += 1) {
      await expect.poll(() => ends.length).toBeGreaterThan(0);
      ends.shift()?.();
    }
    await Promise.all(done);
    expect(started).toEqual(['a', 'b', 'e', 'c', 'd']);
  });

  it('take the answers of calls that were under way for one limit, and the longest wait of them', () => {
    let nowMs = 0;
    const lanes = new Lanes({ width: 2, nowMs: () => nowMs, logger: undefined });
    const limit = (headers: Record<string, string> = {}) =>
      lanes.note('1', { kind: 'answered', status: 429, headers, data: {}, message: 'slow down' })?.retryAfterMs;
    expect([limit(), limit(), limit()]).toEqual([60_000, 60_000, 60_000]);
    nowMs = 60_000;
    expect([limit(), limit({ 'retry-after': '600' }), limit({ 'retry-after': '5' })]).toEqual([120_000, 600_000, 600_000]);
    expect(lanes.limited('1')).toEqual({ retryAfterMs: 600_000, status: 429 });
  });

  it('keep a limit when a call that was under way is answered', async () => {
    const lanes = new Lanes({ width: 2, nowMs: () => 0, logger: undefined });
    const answer = (status: number) => ({ kind: 'answered', status, headers: {}, data: {}, message: 'text' }) as const;
    await lanes.run('1', async () => {
      await lanes.run('1', async () => lanes.note('1', answer(429)));
      lanes.note('1', answer(200));
    });
    expect(lanes.limited('1')).toEqual({ retryAfterMs: 60_000, status: 429 });
  });
});
