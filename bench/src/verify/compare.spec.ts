import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../measure/record-log.ts';
import { REFUSED_FLAG } from '../receiver/messages.ts';
import { compare } from './compare.ts';

const wiring = { endpoints: 2, fanOut: 2 };
const accepted = (id: string, intendedMs: number, ackMs: number): LogRecord => ({ id, tag: 0, first: intendedMs, second: ackMs });
const arrival = (id: string, endpoint: number, atMs: number): LogRecord => ({ id, tag: endpoint, first: atMs, second: 0 });

describe('what was accepted against what arrived', () => {
  it('is complete when every event came to every endpoint it is owed to', () => {
    const found = compare([accepted('a', 0, 5)], [arrival('a', 0, 20), arrival('a', 1, 30)], wiring);
    expect(found).toMatchObject({ accepted: 1, owed: 2, delivered: 2, missing: [], repeated: 0, unexpected: 0 });
    expect([...found.ackMs, ...found.endToEndMs]).toEqual([5, 20, 30]);
  });

  it('names a delivery that did not arrive', () => {
    const found = compare([accepted('a', 0, 5)], [arrival('a', 1, 20)], wiring);
    expect(found).toMatchObject({ delivered: 1, missing: ['a -> endpoint 0'] });
  });

  it('does not take a refusal for a delivery, nor its retry for a fast one', () => {
    const refused = arrival('a', 0 | REFUSED_FLAG, 10);
    expect(compare([accepted('a', 0, 5)], [refused], wiring).missing.length).toBe(2);
    const found = compare([accepted('a', 0, 5)], [refused, arrival('a', 0, 1_000), arrival('a', 1, 12)], wiring);
    expect(found).toMatchObject({ missing: [], refusedOnPurpose: 1 });
    expect([...found.endToEndMs]).toEqual([12]);
  });

  it('takes no latencies from the warm-up, but misses its deliveries', () => {
    const found = compare([accepted('a', 0, 500), accepted('b', 10, 11)], [arrival('b', 0, 12), arrival('b', 1, 13)], {
      ...wiring,
      countedFromMs: 10,
    });
    expect(found).toMatchObject({ accepted: 2, missing: ['a -> endpoint 0', 'a -> endpoint 1'] });
    expect([...found.ackMs, ...found.endToEndMs]).toEqual([1, 2, 3]);
  });

  it('counts repeats once for each', () => {
    const arrivals = [arrival('a', 0, 1), arrival('a', 1, 1), arrival('a', 1, 2), arrival('a', 1, 3)];
    expect(compare([accepted('a', 0, 1)], arrivals, wiring)).toMatchObject({ delivered: 2, repeated: 2 });
  });

  it('counts what nobody was told of, and what came to the wrong place', () => {
    const found = compare([accepted('a', 0, 1)], [arrival('b', 0, 1), arrival('a', 1, 1)], { endpoints: 2, fanOut: 1 });
    expect(found).toMatchObject({ unexpected: 2, missing: ['a -> endpoint 0'] });
  });
});
