import { describe, expect, it } from 'vitest';
import { ACK_EDGES_MS, latencyBucket, noCounts, PROCESSING_EDGES_MS, quantile } from './histogram.ts';

describe('a histogram', () => {
  it.each([
    [0, 0],
    [1, 0],
    [1.01, 1],
    [50, 7],
    [10_000, 15],
    [10_001, 16],
  ])('puts %d ms into bucket %d', (ms, bucket) => {
    expect(latencyBucket(ACK_EDGES_MS, ms)).toBe(bucket);
  });

  it('has the promises on its edges, and a bucket above the last', () => {
    expect(ACK_EDGES_MS).toContain(50);
    expect(PROCESSING_EDGES_MS).toContain(250);
    expect(noCounts(ACK_EDGES_MS)).toHaveLength(ACK_EDGES_MS.length + 1);
  });

  it('tells quantiles as Prometheus does: linear within a bucket, the last edge above all', () => {
    const counts = noCounts(ACK_EDGES_MS);
    expect(quantile(ACK_EDGES_MS, counts, 0.95)).toBeUndefined();
    counts[3] = 10; // 5 to 10 ms
    expect(quantile(ACK_EDGES_MS, counts, 0.5)).toBeCloseTo(7.5);
    counts[16] = 990;
    expect(quantile(ACK_EDGES_MS, counts, 0.95)).toBe(10_000);
  });
});
