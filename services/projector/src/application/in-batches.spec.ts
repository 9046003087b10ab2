import { describe, expect, it } from 'vitest';
import { later } from '../adapters/worker/later.ts';
import { type Feed, inBatches } from './in-batches.ts';

/** A feed that gives its items and then waits to be stopped. */
function feedOf<T>(items: readonly T[], ends: boolean): Feed<T> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  async function* read(): AsyncGenerator<T, void> {
    yield* items;
    if (!ends) await stopped;
  }
  return { stop: () => stop(), [Symbol.asyncIterator]: read };
}

describe('inBatches', () => {
  it('hands over full batches in order, and the rest at the end', async () => {
    const batches: number[][] = [];
    await inBatches(feedOf([1, 2, 3, 4, 5], true), { size: 2, waitMs: 60_000, later }, async (batch) => void batches.push([...batch]));
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('takes a batch for full that is heavy, and begins the next one at nothing', async () => {
    const batches: number[][] = [];
    const limits = { size: 100, waitMs: 60_000, bytes: 5, later, weigh: (item: number) => item };
    await inBatches(feedOf([1, 4, 2, 2, 9, 1], true), limits, async (batch) => void batches.push([...batch]));
    expect(batches).toEqual([[1, 4], [2, 2, 9], [1]]);
  });

  it('does not wait for a batch to be full', async () => {
    const feed = feedOf([1, 2, 3], false);
    const batches: number[][] = [];
    await inBatches(feed, { size: 500, waitMs: 1, later }, async (batch) => {
      batches.push([...batch]);
      feed.stop();
    });
    expect(batches.flat()).toEqual([1, 2, 3]);
  });

  it('handles one batch at a time', async () => {
    let running = 0;
    let most = 0;
    await inBatches(feedOf([1, 2, 3, 4], true), { size: 1, waitMs: 1, later }, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    expect(most).toBe(1);
  });

  it('stops the feed and throws when a batch fails, and hands nothing over after it', async () => {
    const seen: number[] = [];
    const failing = inBatches(feedOf([1, 2, 3], false), { size: 500, waitMs: 1, later }, async (batch) => {
      seen.push(...batch);
      throw new Error('the database is away');
    });
    await expect(failing).rejects.toThrow('the database is away');
    expect(seen).toEqual([1, 2, 3]);
  });
});
