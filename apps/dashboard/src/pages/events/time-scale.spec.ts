import { describe, expect, it } from 'vitest';
import { timeScale } from './time-scale.ts';

const point = (ms: number) => ({ fromMs: ms, toMs: ms });

describe('timeScale', () => {
  it('draws work in proportion when no wait is long', () => {
    const scale = timeScale([{ fromMs: 1_000, toMs: 1_100 }, point(1_200), { fromMs: 1_150, toMs: 1_200 }]);
    expect(scale.gaps).toEqual([]);
    expect([1_000, 1_050, 1_100, 1_200].map(scale.at)).toEqual([0, 25, 50, 100]);
  });

  it('cuts a long wait short, a longer one less, and keeps the order of time', () => {
    const minute = 60_000;
    const scale = timeScale([{ fromMs: 0, toMs: 40 }, { fromMs: minute, toMs: minute + 40 }, point(600 * minute)]);
    const [short, long] = scale.gaps;
    expect(scale.gaps).toHaveLength(2);
    const width = (gap: typeof short): number => (gap?.toPct ?? 0) - (gap?.fromPct ?? 0);
    expect(width(long)).toBeGreaterThan(width(short));
    expect(width(long)).toBeLessThan(width(short) * 4);
    const places = [0, 20, 40, 30_000, minute, minute + 40, 300 * minute, 600 * minute].map(scale.at);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    expect(places[0]).toBe(0);
    expect(places.at(-1)).toBeGreaterThan(98);
  });

  it('holds a single point, and what lies outside', () => {
    const scale = timeScale([point(5)]);
    expect([scale.at(0), scale.at(5), scale.at(9)]).toEqual([0, 0, 100]);
  });
});
