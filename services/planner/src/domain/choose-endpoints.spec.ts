import { type Endpoint, endpointSchema } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { asksForData, chooseEndpoints } from './choose-endpoints.ts';

const at = '2026-01-01T00:00:00Z';
const endpoint = (id: string, change: Partial<Endpoint> = {}): Endpoint =>
  endpointSchema.parse({
    id,
    tenantId: 'acme',
    url: 'https://example.com/h',
    secrets: [{ key: `whsec_${'A'.repeat(32)}` }],
    createdAt: at,
    updatedAt: at,
    ...change,
  });
const chosen = (endpoints: Endpoint[], data: unknown = {}): string[] =>
  chooseEndpoints({ eventType: 'order.paid' }, endpoints, () => data).map(({ id }) => id);

describe('choosing endpoints', () => {
  it('takes every endpoint with a pattern that fits, all types by default', () => {
    const all = [endpoint('all'), endpoint('orders', { eventTypes: ['x', 'order.*'] }), endpoint('users', { eventTypes: ['user.*'] })];
    expect(chosen(all)).toEqual(['all', 'orders']);
  });

  it('leaves disabled ones out', () => {
    expect(chosen([endpoint('off', { disabled: { reason: 'gone', at } }), endpoint('on')])).toEqual(['on']);
  });

  it('takes a filtered endpoint only when the payload meets its filter', () => {
    const rich = endpoint('rich', { filter: { total: { gte: 100 } } });
    expect(chosen([rich], { total: 100 })).toEqual(['rich']);
    expect(chosen([rich], { total: 99 })).toEqual([]);
  });

  it('takes the one that an event is only for, whatever it subscribes to and filters, unless it is disabled or gone', () => {
    const only = endpoint('only', { eventTypes: ['user.*'], filter: { total: 1 } });
    const event = { eventType: 'waybill.test', onlyTo: only.id };
    const unread = (): never => {
      throw new Error('no filter asks');
    };
    expect(chooseEndpoints(event, [endpoint('all'), only], unread)).toEqual([only]);
    expect(asksForData(event, [only])).toBe(false);
    expect(chooseEndpoints(event, [endpoint('all'), { ...only, disabled: { reason: 'manual', at } }], unread)).toEqual([]);
    expect(chooseEndpoints(event, [endpoint('all')], unread)).toEqual([]);
  });

  it('parses the payload once at most, and not at all without filters', () => {
    let parsed = 0;
    const parse = (): unknown => {
      parsed += 1;
      return {};
    };
    chooseEndpoints({ eventType: 'order.paid' }, [endpoint('a'), endpoint('b')], parse);
    expect(parsed).toBe(0);
    chooseEndpoints({ eventType: 'order.paid' }, [endpoint('a', { filter: { x: 1 } }), endpoint('b', { filter: { y: 1 } })], parse);
    expect(parsed).toBe(1);
  });
});
