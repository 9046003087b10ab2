import { describe, expect, it } from 'vitest';
import { matchesEventType } from './match-event-type.ts';

describe('event type patterns', () => {
  it.each([
    ['*', 'order.paid', true],
    ['order.paid', 'order.paid', true],
    ['order.paid', 'order.paid.late', false],
    ['order.*', 'order.paid', true],
    ['order.*', 'order.item.added', true],
    ['order.*', 'order', false],
    ['order.*', 'orders.paid', false],
    ['*.paid', 'order.paid', true],
    ['*.paid', 'order.item.paid', false],
    ['a.*.c', 'a.b.c', true],
    ['a.*.c', 'a.b.b.c', false],
    ['a.*.*', 'a.b', false],
  ])('%s against %s: %s', (pattern, eventType, expected) => {
    expect(matchesEventType(pattern, eventType)).toBe(expected);
  });
});
