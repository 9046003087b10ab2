import { describe, expect, it } from 'vitest';
import { registryEntry, sampleEndpoint } from '../testing/sample-registry.ts';
import { registryChanges } from './registry-changes.ts';

const TENANT = { id: 'acme', name: 'Acme', createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' };

describe('registryChanges', () => {
  it('leaves secrets, headers and credentials behind', () => {
    const { endpoints } = registryChanges([registryEntry(1, 'local.endpoint.acme.ep_a', sampleEndpoint('ep_a'))]);
    expect(endpoints).toMatchObject([{ id: 'ep_a', url: 'https://example.com/hooks', event_types: '["order.*"]', region: 'local' }]);
    expect(JSON.stringify(endpoints)).not.toMatch(/whsec_|hunter2|X-Secret/);
  });

  it('takes the last entry of a key', () => {
    const changes = registryChanges([
      registryEntry(1, 'local.tenant.acme', TENANT),
      registryEntry(2, 'local.tenant.acme', undefined),
      registryEntry(3, 'local.tenant.beta', { ...TENANT, id: 'beta' }),
    ]);
    expect(changes).toMatchObject({ tenants: [{ id: 'beta' }], removedTenants: ['acme'], endpoints: [], removedEndpoints: [] });
  });

  it('says which entry it could not read, without repeating what is in it', () => {
    const { problems } = registryChanges([registryEntry(7, 'local.endpoint.acme.ep_a', { secrets: ['hunter2'] })]);
    expect(problems).toMatchObject([{ seq: 7, subject: 'local.endpoint.acme.ep_a' }]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('has nothing to do with sources and health', () => {
    const none = registryChanges([registryEntry(1, 'local.source.gh', { id: 'gh' }), registryEntry(2, 'local.health.acme.ep_a', {})]);
    expect(none).toEqual({ tenants: [], endpoints: [], removedTenants: [], removedEndpoints: [], problems: [] });
  });
});
