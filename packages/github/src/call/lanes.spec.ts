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
});
