import type { RegistryEntry } from '../domain/registry-versions.ts';

/** After every record was written. */
const STORED_MS = Date.UTC(2026, 1, 1);

/** One entry of the registry bucket; without a value it is a deletion. */
export const registryEntry = (seq: number, key: string, value: unknown): RegistryEntry => ({
  stream: 'KV_registry',
  seq,
  atMs: STORED_MS + seq,
  key,
  body: Buffer.from(value === undefined ? '' : JSON.stringify(value)),
  removed: value === undefined,
});

/** An endpoint that is full of what must not get into the read models. */
export const sampleEndpoint = (id: string) => ({
  id,
  tenantId: 'acme',
  url: 'https://user:hunter2@example.com/hooks',
  eventTypes: ['order.*'],
  headers: { 'X-Secret': 'hunter2' },
  secrets: [{ key: `whsec_${Buffer.alloc(24, 7).toString('base64')}` }],
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
});
