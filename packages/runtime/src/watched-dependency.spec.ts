import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DependencyState } from './health.ts';
import { WatchedDependency } from './watched-dependency.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a dependency that has to be asked', () => {
  it('is what it last said, and not ok before', async () => {
    const answers: DependencyState[] = [{ ok: true }, { ok: false, detail: 'gone' }];
    const watched = new WatchedDependency(async () => answers.shift() ?? { ok: true }, 1_000);
    expect(watched.state()).toEqual({ ok: false, detail: 'not asked yet' });
    await vi.advanceTimersByTimeAsync(0);
    expect(watched.state()).toEqual({ ok: true });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(watched.state()).toEqual({ ok: false, detail: 'gone' });
    watched.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(watched.state()).toEqual({ ok: false, detail: 'gone' });
  });

  it('stays what it was while it cannot be asked, and is not asked twice at a time', async () => {
    const asked: ((state: DependencyState) => void)[] = [];
    const watched = new WatchedDependency(() => new Promise((resolve) => asked.push(resolve)), 1_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(1);
    asked[0]?.({ ok: true });
    watched.close();
    const refusing = new WatchedDependency(vi.fn().mockResolvedValueOnce({ ok: true }).mockRejectedValue(new Error('away')), 1_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(refusing.state()).toEqual({ ok: true });
    refusing.close();
  });
});
