import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registryEntry, sampleEndpoint } from '../testing/sample-registry.ts';
import { type RegistryBefore, registryChanges, tombstoneKey } from './registry-changes.ts';
import { readRegistry, type RegistryEntry } from './registry-versions.ts';

const TENANT = { id: 'acme', name: 'Acme', createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' };
const NOTHING: RegistryBefore = { tenants: new Map(), endpoints: new Map(), removed: new Map() };

const changesOf = (entries: readonly RegistryEntry[]) => registryChanges(NOTHING, readRegistry(entries));

/** Applies each entry by itself, as a store does. */
function stored(entries: readonly RegistryEntry[]): unknown {
  const [tenants, endpoints, removed] = [new Map(NOTHING.tenants), new Map(NOTHING.endpoints), new Map(NOTHING.removed)];
  for (const entry of entries) {
    const changes = registryChanges({ tenants, endpoints, removed }, readRegistry([entry]));
    for (const row of changes.tenants) tenants.set(row.id, row);
    for (const row of changes.endpoints) endpoints.set(row.id, row);
    for (const row of changes.removed) {
      (row.kind === 'tenant' ? tenants : endpoints).delete(row.id);
      removed.set(tombstoneKey(row.kind, row.id), row);
    }
    for (const { kind, id } of changes.restored) removed.delete(tombstoneKey(kind, id));
  }
  return [tenants, endpoints, removed].map((rows) => [...rows.values()].toSorted((left, right) => (left.id < right.id ? -1 : 1)));
}

function entryOf(region: string, id: string, { day, isRemoved }: { day: number; isRemoved: boolean }): RegistryEntry {
  const updatedAt = `2026-01-0${day}T00:00:00.000Z`;
  return registryEntry(1, `${region}.tenant.${id}`, isRemoved ? { removed: true, updatedAt } : { ...TENANT, id, name: region, updatedAt });
}

describe('the registry', () => {
  it('leaves secrets, headers and credentials behind', () => {
    const { endpoints } = changesOf([registryEntry(1, 'local.endpoint.acme.ep_a', sampleEndpoint('ep_a'))]);
    expect(endpoints).toMatchObject([
      { id: 'ep_a', url: 'https://example.com/hooks', event_types: '["order.*"]', region: 'local', scope: 'g' },
    ]);
    expect(JSON.stringify(endpoints)).not.toMatch(/whsec_|hunter2|X-Secret/);
  });

  it('takes the newest of what several regions say, and of one time that of the region that sorts last', () => {
    const newer = { ...TENANT, updatedAt: '2026-01-02T00:00:00.000Z' };
    const changes = changesOf([
      registryEntry(1, 'us.tenant.acme', { ...newer, name: 'new' }),
      registryEntry(2, 'eu.tenant.acme', { ...TENANT, name: 'old' }),
      registryEntry(3, 'us.tenant.beta', { ...TENANT, id: 'beta', name: 'of us' }),
      registryEntry(4, 'eu.tenant.beta', { ...TENANT, id: 'beta', name: 'of eu' }),
    ]);
    expect(changes.tenants).toMatchObject([
      { id: 'acme', name: 'new', written_in: 'us' },
      { id: 'beta', name: 'of us' },
    ]);
  });

  it('removes by what is newer only', () => {
    const tombstone = (updatedAt: string) => registryEntry(2, 'eu.tenant.acme', { removed: true, updatedAt });
    const entry = registryEntry(1, 'us.tenant.acme', TENANT);
    expect(changesOf([entry, tombstone('2026-01-02T00:00:00.000Z')])).toMatchObject({
      tenants: [],
      removed: [{ kind: 'tenant', id: 'acme' }],
    });
    expect(changesOf([entry, tombstone('2025-01-02T00:00:00.000Z')])).toMatchObject({ tenants: [{ id: 'acme' }], removed: [] });
  });

  it('takes a deletion of the time before tombstones at the time it was stored', () => {
    const later = registryEntry(2, 'local.tenant.acme', undefined);
    expect(changesOf([registryEntry(1, 'local.tenant.acme', TENANT), later])).toMatchObject({ tenants: [], removed: [{ id: 'acme' }] });
  });

  it('knows the records of strict tenants', () => {
    const { tenants } = changesOf([registryEntry(1, 'us.l.tenant.acme', { ...TENANT, placement: { home: 'us', residency: 'strict' } })]);
    expect(tenants).toMatchObject([{ id: 'acme', scope: 'l', region: 'us' }]);
  });

  it('says which entry it could not read, without repeating what is in it', () => {
    const { problems } = changesOf([registryEntry(7, 'local.endpoint.acme.ep_a', { secrets: ['hunter2'] })]);
    expect(problems).toMatchObject([{ seq: 7, subject: 'local.endpoint.acme.ep_a' }]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('has nothing to do with sources and health', () => {
    const none = changesOf([registryEntry(1, 'local.source.gh', { id: 'gh' }), registryEntry(2, 'local.health.acme.ep_a', {})]);
    expect(none).toEqual({ tenants: [], endpoints: [], removed: [], restored: [], problems: [] });
  });

  it('comes out the same in whatever order the entries of the regions are read', () => {
    const written = fc.tuple(fc.constantFrom('us', 'eu', 'ap'), fc.constantFrom('acme', 'beta'), fc.integer({ min: 1, max: 4 }));
    const ofOneTimeEach = fc.uniqueArray(fc.tuple(written, fc.boolean()), { selector: ([at]) => at.join(' ') });
    const orders = ofOneTimeEach
      .map((all) => all.map(([[region, id, day], isRemoved]) => entryOf(region, id, { day, isRemoved })))
      .chain((entries) => fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length })));
    fc.assert(
      fc.property(orders, ([entries, shuffled]) => {
        expect(stored(shuffled)).toEqual(stored(entries));
        expect(stored([...entries, ...shuffled])).toEqual(stored(entries));
      }),
    );
  });
});
