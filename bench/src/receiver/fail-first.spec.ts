import { describe, expect, it } from 'vitest';
import { failFirst, isChosen } from './fail-first.ts';

const keys = Array.from({ length: 5_000 }, (_, n) => `evt_${n} 0`);

describe('deliveries that are refused on purpose', () => {
  it('are refused once', () => {
    const fails = failFirst(100);
    expect([fails('a'), fails('a'), fails('b'), fails('a')]).toEqual([true, false, true, false]);
  });

  it('are none at 0 % and all at 100 %', () => {
    expect(keys.filter((key) => isChosen(key, 0))).toEqual([]);
    expect(keys.filter((key) => isChosen(key, 100))).toEqual(keys);
  });

  it('are about the share that was asked for', () => {
    const share = keys.filter((key) => isChosen(key, 10)).length / keys.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  });
});
