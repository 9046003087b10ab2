import { describe, expect, it } from 'vitest';
import {
  endpointSchema,
  eventTypePatternSchema,
  filterSchema,
  parseRegistryKey,
  registryKey,
  replicatedRegistryKeys,
  verificationSchema,
} from './registry.ts';

describe('registry records', () => {
  it('parses the keys it builds', () => {
    for (const scope of ['g', 'l'] as const) {
      const key = { region: 'eu', scope, kind: 'endpoint', path: ['acme', 'ep_1'] } as const;
      expect(parseRegistryKey(registryKey(key.region, key.scope, key.kind, key.path))).toEqual(key);
    }
    expect(parseRegistryKey('eu.unknown.x')).toBeUndefined();
    expect(parseRegistryKey('eu')).toBeUndefined();
  });

  it('lets no filter of replicated keys see what is local', () => {
    const prefixes = replicatedRegistryKeys('eu').map((filter) => filter.replace('>', ''));
    const isSeen = (key: string): boolean => prefixes.some((prefix) => key.startsWith(prefix));
    expect(isSeen(registryKey('eu', 'g', 'tenant', ['acme']))).toBe(true);
    expect(isSeen(registryKey('eu', 'l', 'tenant', ['acme']))).toBe(false);
    expect(isSeen(registryKey('eu', 'g', 'health', ['acme', 'ep_1']))).toBe(false);
  });

  it.each(['*', 'order.*', 'order.paid', '*.paid', 'a_b.c-d'])('takes %s as a pattern', (pattern) => {
    expect(eventTypePatternSchema.safeParse(pattern).success).toBe(true);
  });

  it.each(['', 'order.', '.paid', 'or*der', 'order..paid', 'order paid'])('refuses %j as a pattern', (pattern) => {
    expect(eventTypePatternSchema.safeParse(pattern).success).toBe(false);
  });

  it('bounds filters', () => {
    expect(filterSchema.safeParse({ 'order.total': { gte: 100 }, country: 'DE' }).success).toBe(true);
    expect(filterSchema.safeParse({ total: { like: 'x' } }).success).toBe(false);
    expect(filterSchema.safeParse(Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`f${index}`, 1]))).success).toBe(false);
  });

  it('refuses a signing secret that Standard Webhooks would not accept', () => {
    const endpoint = {
      id: 'ep_1',
      tenantId: 'acme',
      url: 'https://example.com/h',
      createdAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-01-01T00:00:00Z',
    };
    expect(endpointSchema.safeParse({ ...endpoint, secrets: [{ key: 'secret' }] }).success).toBe(false);
    expect(endpointSchema.safeParse({ ...endpoint, secrets: [{ key: `whsec_${'A'.repeat(32)}` }] }).success).toBe(true);
  });

  it('asks for either a header or a parameter as the place of the signed time', () => {
    const hmac = { kind: 'hmac', secret: 's', header: 'x-signature' };
    expect(verificationSchema.safeParse(hmac).success).toBe(true);
    expect(verificationSchema.safeParse({ ...hmac, timestamp: {} }).success).toBe(false);
    expect(verificationSchema.safeParse({ ...hmac, timestamp: { header: 'x-time', parameter: 't' } }).success).toBe(false);
  });
});
