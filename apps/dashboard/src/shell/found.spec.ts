import { expect, it } from 'vitest';
import { addressOf, type Found } from './found.ts';

it.each<[Found['kind'], string]>([
  ['event', '/events/a%2Fb'],
  ['delivery', '/deliveries/a%2Fb'],
  ['endpoint', '/endpoints/acme/a%2Fb'],
  ['tenant', '/events?tenantId=a%2Fb'],
  ['dispatch', '/dispatches/a%2Fb'],
  ['correlation', '/events?correlationId=a%2Fb'],
])('leads from a found %s to its page', (kind, address) => {
  expect(addressOf({ kind, id: 'a/b', tenantId: 'acme', title: '', detail: '' })).toBe(address);
});
