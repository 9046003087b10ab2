import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeSpill, type Load, NOT_SPILLING, type Spilling } from './spillover.ts';

const THRESHOLDS: Load = { queueDepth: 100, concurrencyPercent: 80, errorRate: 0.05 };
const CALM: Load = { queueDepth: 0, concurrencyPercent: 0, errorRate: 0 };
const BUSY: Load = { ...CALM, queueDepth: 100 };
const BETWEEN: Load = { ...CALM, concurrencyPercent: 79 };

function changesOf(loads: readonly Load[], thresholds = THRESHOLDS) {
  let state: Spilling = NOT_SPILLING;
  return loads.map((load) => {
    const { next, because } = judgeSpill(state, load, thresholds);
    state = next;
    return because ?? (next.spilling ? 'on' : 'off');
  });
}

describe('spillover', () => {
  it('begins after three reports in a row that reach any threshold', () => {
    expect(changesOf([BUSY, BUSY, CALM, BUSY, { ...CALM, errorRate: 0.05 }, { ...CALM, concurrencyPercent: 80 }, BUSY])).toEqual([
      'off',
      'off',
      'off',
      'off',
      'off',
      'concurrency',
      'on',
    ]);
  });

  it('ends after five reports in a row far enough below every threshold', () => {
    const begun = [BUSY, BUSY, BUSY];
    const loads = [CALM, CALM, CALM, CALM, BETWEEN, CALM, CALM, CALM, CALM, CALM, CALM];
    expect(changesOf([...begun, ...loads]).slice(3)).toEqual([...Array.from({ length: 9 }, () => 'on'), 'below_all', 'off']);
  });

  it('takes a threshold of nothing for anything at all', () => {
    const strict = { ...THRESHOLDS, errorRate: 0 };
    expect(changesOf([CALM, CALM, CALM], strict)).toEqual(['off', 'off', 'off']);
    expect(
      changesOf(
        Array.from({ length: 3 }, () => ({ ...CALM, errorRate: 0.001 })),
        strict,
      ).at(-1),
    ).toBe('error_rate');
  });

  it('never changes twice within three reports', () => {
    const load = fc.constantFrom(CALM, BUSY, BETWEEN);
    fc.assert(
      fc.property(fc.array(load, { maxLength: 60 }), (loads) => {
        const changes = changesOf(loads).flatMap((change, index) => (change === 'on' || change === 'off' ? [] : [index]));
        return changes.every((at, index) => index === 0 || at - (changes[index - 1] ?? 0) >= 3);
      }),
    );
  });
});
