import type { SourceId, TenantId } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { bodyHashOf, eventKeyHash, webhookKeyHash, webhookKeyOf } from './idempotency-key.ts';

const keyOf = (headers: Record<string, string>, idempotencyHeader?: string): string | undefined =>
  webhookKeyOf(idempotencyHeader === undefined ? {} : { idempotencyHeader }, (name) => headers[name]);
const hashOf = (tenantId: string, id: string, key: string): string =>
  webhookKeyHash({ tenantId: tenantId as TenantId, id: id as SourceId }, key);

it.each([
  [{ 'webhook-id': 'a', 'x-github-delivery': 'b' }, 'a'],
  [{ 'x-github-delivery': 'b', 'idempotency-key': 'c' }, 'b'],
  [{ 'x-shopify-event-id': 'd', 'x-shopify-webhook-id': 'e' }, 'd'],
  [{ 'x-shopify-webhook-id': 'e' }, 'e'],
  [{ 'idempotency-key': 'c' }, 'c'],
  [{ 'idempotency-key': '' }, undefined],
  [{}, undefined],
])('the key of %j is %s', (headers, expected) => expect(keyOf(headers)).toBe(expected));

it('looks only at the header that the source names', () => {
  expect(keyOf({ 'x-delivery': 'z', 'webhook-id': 'a' }, 'X-Delivery')).toBe('z');
  expect(keyOf({ 'webhook-id': 'a' }, 'X-Delivery')).toBeUndefined();
});

it('hashes to 128 bits that depend on tenant, source, key and route', () => {
  const hashes = [
    hashOf('t', 's', 'k'),
    hashOf('t', 's', 'l'),
    hashOf('t', 'u', 'k'),
    hashOf('v', 's', 'k'),
    hashOf('ts', '', 'k'),
    eventKeyHash('t' as TenantId, 'k'),
    eventKeyHash('v' as TenantId, 'k'),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{32}$/);
  expect(hashOf('t', 's', 'k')).toBe(hashes[0]);
});

it('hashes a body by its bytes', () => {
  expect(bodyHashOf(Buffer.from('{}'))).toMatch(/^[0-9a-f]{32}$/);
  expect(bodyHashOf(Buffer.from('{}'))).not.toBe(bodyHashOf(Buffer.from('{ }')));
});
