import { describe, expect, it } from 'vitest';
import { findOwnRun } from './find-own-run.ts';
import { judgeLooks, lookAgainMs } from './judge-looks.ts';

describe('looking for a run', () => {
  const judge = (looksMs: number[], nowMs: number) => judgeLooks({ sinceMs: 0, looksMs, nowMs, reconcileMs: 120_000 });

  it('goes on at growing intervals, and once more when the window ends', () => {
    expect([0, 5_000, 20_000, 90_000].map(lookAgainMs)).toEqual([2_000, 5_000, 20_000, 30_000]);
    expect(judge([2_000], 4_000)).toEqual({ kind: 'again', inMs: 4_000 });
    expect(judge([2_000], 110_000)).toEqual({ kind: 'again', inMs: 10_000 });
  });

  it('is over after the window, when three listings that lie apart found none', () => {
    expect(judge([2_000, 60_000, 120_000], 120_000)).toEqual({ kind: 'none' });
    expect(judge([60_000, 120_000], 120_000).kind).toBe('again');
    expect(judge([118_000, 119_000, 120_000], 120_000).kind).toBe('again');
    expect(judge([600_000, 602_000, 604_000], 604_000).kind).toBe('again');
    expect(judge([600_000, 610_000, 630_000], 630_000).kind).toBe('none');
  });
});

describe('the own run', () => {
  const run = (id: string, createdAt: string) => ({ id, createdAt, url: '' });
  const runs = [
    run('10000000000000000001', '2026-11-21T10:00:02Z'),
    run('9999999999999999999', '2026-11-21T10:00:02Z'),
    run('3', '2026-11-21T10:00:03Z'),
  ];

  it('is the oldest that nothing else explains', () => {
    expect(findOwnRun({ runs, isOfAnother: () => false, nameless: 0 })?.id).toBe('9999999999999999999');
    expect(findOwnRun({ runs, isOfAnother: (id) => id !== '3', nameless: 0 })?.id).toBe('3');
    expect(findOwnRun({ runs, isOfAnother: () => true, nameless: 0 })).toBeUndefined();
  });

  it('comes after those of calls that were answered without a name', () => {
    expect(findOwnRun({ runs, isOfAnother: () => false, nameless: 2 })?.id).toBe('3');
    expect(findOwnRun({ runs, isOfAnother: () => false, nameless: 3 })).toBeUndefined();
  });
});
