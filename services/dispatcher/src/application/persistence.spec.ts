import { describe, expect, it } from 'vitest';
import { Persistence, Stopping } from './persistence.ts';

const never = new AbortController().signal;

describe('persistent writes', () => {
  it('repeat the same write until it succeeds, slower each time, and show meanwhile', async () => {
    const pauses: number[] = [];
    const seen: unknown[] = [];
    const persistence = new Persistence({
      stop: never,
      sleep: async (ms) => {
        pauses.push(ms);
        seen.push(persistence.pending);
      },
    });
    let tries = 0;
    const result = await persistence.until(async () => {
      tries += 1;
      if (tries < 8) throw new Error(`away ${tries}`);
      return 'stored';
    });
    expect(result).toBe('stored');
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    expect(seen[1]).toEqual({ count: 1, error: 'Error: away 2' });
    expect(persistence.pending).toEqual({ count: 0, error: undefined });
  });

  it('are given up only when the process stops', async () => {
    const stop = new AbortController();
    const persistence = new Persistence({ stop: stop.signal, sleep: async () => stop.abort() });
    await expect(persistence.until(() => Promise.reject(new Error('away')))).rejects.toBeInstanceOf(Stopping);
    expect(persistence.pending.count).toBe(0);
  });
});
