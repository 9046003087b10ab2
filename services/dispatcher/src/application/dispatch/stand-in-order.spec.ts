import { describe, expect, it } from 'vitest';
import { StandInOrder } from './stand-in-order.ts';

const HOUR_MS = 3_600_000;

describe('the order in which runs are taken in the place of another region', () => {
  it('waits for older ones each time that dispatches are taken over, whatever was left of the time before', () => {
    const order = new StandInOrder();
    order.note('place', { key: 'left', plannedMs: 0, nowMs: 0 });
    order.note('place', { key: 'new', plannedMs: HOUR_MS, nowMs: HOUR_MS });
    expect(order.waitMs('place', 'new', HOUR_MS)).toBeGreaterThan(0);
    order.note('place', { key: 'old', plannedMs: HOUR_MS - 1, nowMs: HOUR_MS + 1_000 });
    expect(order.waitMs('place', 'new', HOUR_MS + 6_000)).toBeGreaterThan(0);
    expect(order.waitMs('place', 'old', HOUR_MS + 6_000)).toBeUndefined();
    order.forget('place', 'old');
    expect(order.waitMs('place', 'new', HOUR_MS + 7_000)).toBeUndefined();
  });
});
