import { describe, expect, it } from 'vitest';
import { latenciesOf, percentile } from './percentile.ts';

const upTo = (n: number): Float64Array => Float64Array.from({ length: n }, (_, index) => n - index);

describe('percentiles', () => {
  it('are values that occurred', () => {
    expect(latenciesOf(upTo(1_000))).toEqual({ count: 1_000, p50: 500, p95: 950, p99: 990, max: 1_000 });
  });

  it('of one value are that value', () => {
    expect([1, 50, 100].map((percent) => percentile(Float64Array.of(7), percent))).toEqual([7, 7, 7]);
  });

  it('of nothing are 0', () => {
    expect(latenciesOf(new Float64Array())).toEqual({ count: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  });
});
