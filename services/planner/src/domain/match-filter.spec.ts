import { describe, expect, it } from 'vitest';
import { matchesFilter } from './match-filter.ts';

const payment = { order: { total: 100, currency: 'EUR', items: [{ sku: 'A-1' }] }, test: false, note: null, '10': 'ten' };

describe('filters on the payload', () => {
  it.each([
    [{}, true],
    [{ 'order.currency': 'EUR' }, true],
    [{ 'order.currency': 'USD' }, false],
    [{ 'order.total': { gte: 100, lt: 101 } }, true],
    [{ 'order.total': { gt: 100 } }, false],
    [{ 'order.total': { lte: 99 } }, false],
    [{ 'order.currency': { in: ['USD', 'EUR'] } }, true],
    [{ 'order.currency': { ne: 'EUR' } }, false],
    [{ 'order.missing': { ne: 'EUR' } }, true],
    [{ 'order.missing': { exists: false } }, true],
    [{ note: { exists: true } }, true],
    [{ note: null }, true],
    [{ test: false }, true],
    [{ 'order.items.0.sku': { prefix: 'A-' } }, true],
    [{ 'order.total': { prefix: '1' } }, false],
    [{ 'order.currency': { gt: 1 } }, false],
    [{ 'order.currency': 'EUR', 'order.total': 7 }, false],
  ])('%j: %s', (filter, expected) => {
    expect(matchesFilter(filter, payment)).toBe(expected);
  });

  it.each([null, 7, 'text', [], undefined])('finds nothing in %j', (data) => {
    expect(matchesFilter({ a: 1 }, data)).toBe(false);
  });

  it('does not see inherited members', () => {
    expect(matchesFilter({ 'constructor.name': 'Object' }, payment)).toBe(false);
    expect(matchesFilter({ '__proto__.x': { exists: true } }, payment)).toBe(false);
  });
});
