import type { SourceId } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { eventTypeOf } from './event-type-of.ts';

const id = 'shop' as SourceId;
type Rule = NonNullable<Parameters<typeof eventTypeOf>[0]['eventType']>;
const typeOf = (headers: Record<string, string>, body: unknown, eventType?: Rule): string =>
  eventTypeOf(eventType === undefined ? { id } : { id, eventType }, { header: (name) => headers[name], body });

describe('without a rule', () => {
  it.each([
    [{ 'x-github-event': 'workflow_run' }, { type: 'other' }, 'github.workflow_run'],
    [{ 'x-shopify-topic': 'orders/create' }, {}, 'orders.create'],
    [{}, { type: 'invoice.paid', event: 'no' }, 'invoice.paid'],
    [{}, { event: 'user.created' }, 'user.created'],
    [{}, { event_type: 'user.created' }, 'user.created'],
    [{}, { type: 'not valid!', event: 'user.created' }, 'user.created'],
    [{}, { type: 5 }, 'shop.received'],
    [{}, { type: 'x'.repeat(129) }, 'shop.received'],
    [{}, [], 'shop.received'],
    [{}, null, 'shop.received'],
  ])('%j %j is %s', (headers, body, expected) => expect(typeOf(headers, body)).toBe(expected));
});

describe('with a rule', () => {
  const rule: Rule = { header: 'X-Topic', field: 'meta.kind', fixed: 'fallback.type' };
  it('takes the header first', () => expect(typeOf({ 'x-topic': 'a/b' }, { meta: { kind: 'c.d' } }, rule)).toBe('a.b'));
  it('then the field', () => expect(typeOf({}, { meta: { kind: 'c.d' } }, rule)).toBe('c.d'));
  it('then what is fixed', () => expect(typeOf({ 'x-topic': 'not valid' }, { meta: 'x' }, rule)).toBe('fallback.type'));
  it('falls back to what providers send', () => expect(typeOf({}, { type: 'a.b' }, { field: 'nowhere' })).toBe('a.b'));
  it('puts the prefix before what was found', () => {
    expect(typeOf({ 'x-topic': 'a' }, {}, { header: 'X-Topic', prefix: 'acme' })).toBe('acme.a');
    expect(typeOf({}, { type: 'b' }, { prefix: 'acme' })).toBe('acme.b');
  });
  it('does not look into the prototype', () => expect(typeOf({}, {}, { field: 'constructor.name' })).toBe('shop.received'));
});
