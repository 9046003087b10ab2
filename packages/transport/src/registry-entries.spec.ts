import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOrigin } from './incoming.ts';
import { RegistryEntries, type StoredEntry } from './registry-entries.ts';

const instant = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const tenant = (second: number, name: string): string =>
  JSON.stringify({ id: 'acme', name, createdAt: instant(0), updatedAt: instant(second) });
const removed = (second: number): string => JSON.stringify({ removed: true, updatedAt: instant(second) });

let seq = 0;
const stored = (key: string, value: string | undefined, more: Partial<StoredEntry> = {}): StoredEntry => ({
  key,
  value,
  seq: (seq += 1),
  storedAtMs: Date.parse(instant(0)),
  isCopy: false,
  ...more,
});
const after = (entries: readonly StoredEntry[]): RegistryEntries => {
  const registry = new RegistryEntries();
  for (const entry of entries) expect(registry.apply(entry)).toBeUndefined();
  return registry;
};

/** One of the ways to put several lists together in which each keeps its order. */
function interleaved<T>(lists: readonly (readonly T[])[], choices: readonly number[]): T[] {
  const rest = lists.map((list) => [...list]);
  const merged: T[] = [];
  for (let step = 0; rest.some((list) => list.length > 0); step += 1) {
    const open = rest.filter((list) => list.length > 0);
    const [next] = open[(choices[step] ?? 0) % open.length]?.splice(0, 1) ?? [];
    if (next !== undefined) merged.push(next);
  }
  return merged;
}

describe('merging what regions say', () => {
  it.each([
    ['the newest', [stored('eu.tenant.acme', tenant(2, 'eu')), stored('us.tenant.acme', tenant(1, 'us'))], 'eu'],
    ['the last region at one time', [stored('us.tenant.acme', tenant(1, 'us')), stored('eu.tenant.acme', tenant(1, 'eu'))], 'us'],
    ['what a region wrote last', [stored('us.tenant.acme', tenant(2, 'first')), stored('us.tenant.acme', tenant(1, 'last'))], 'last'],
    ['a newer removal', [stored('us.tenant.acme', tenant(1, 'us')), stored('eu.tenant.acme', removed(2))], undefined],
    ['what is newer than a removal', [stored('eu.tenant.acme', removed(1)), stored('us.tenant.acme', tenant(2, 'us'))], 'us'],
    ['a delete marker of old', [stored('us.tenant.acme', tenant(0, 'us')), stored('us.tenant.acme', undefined)], undefined],
    ['what was made anew in the other scope', [stored('us.l.tenant.acme', removed(1)), stored('us.tenant.acme', tenant(2, 'g'))], 'g'],
  ])('counts %s', (_, entries, name) => {
    const registry = after(entries);
    expect(registry.get('tenant', 'acme')?.name).toBe(name);
    expect(registry.all('tenant').length).toBe(name === undefined ? 0 : 1);
  });

  it('comes to the same whatever the order in which regions’ entries arrive', () => {
    const said = fc.record({ second: fc.nat(5), removes: fc.boolean() });
    fc.assert(
      fc.property(
        fc.tuple(fc.array(said, { maxLength: 6 }), fc.array(said, { maxLength: 6 }), fc.array(said, { maxLength: 6 })),
        fc.array(fc.nat(2)),
        (lists, choices) => {
          const entries = lists.map((list, region) =>
            list.map(({ second, removes }, index) =>
              stored(`r${region}.tenant.acme`, removes ? removed(second) : tenant(second, `${region}.${index}`)),
            ),
          );
          const inOrder = after(entries.flat()).get('tenant', 'acme');
          expect(after(interleaved(entries, choices)).get('tenant', 'acme')).toEqual(inOrder);
        },
      ),
    );
  });

  it('takes no other region’s word on the health of an endpoint', () => {
    const health = JSON.stringify({ endpointId: 'ep_1', failingSince: instant(0) });
    const registry = after([stored('eu.health.acme.ep_1', health, { isCopy: true })]);
    expect(registry.get('health', 'acme.ep_1')).toBeUndefined();
    registry.apply(stored('us.health.acme.ep_1', health));
    expect(registry.get('health', 'acme.ep_1')?.failingSince).toBe(instant(0));
  });

  it('leaves out what it cannot read, and what was there before stays', () => {
    const registry = after([stored('us.tenant.acme', tenant(1, 'us'))]);
    expect(registry.apply(stored('us.tenant.acme', 'not json', { seq: 1_000_000 }))).toContain('us.tenant.acme');
    expect(registry.apply(stored('us.unknown.acme', '{}'))).toContain('unknown');
    expect(registry.get('tenant', 'acme')?.name).toBe('us');
    expect(registry.sequenceOf('us.tenant.acme')).toBe(1_000_000);
  });
});

describe('the origin of a copied message', () => {
  it.each([
    ['LOG_US_CENTRAL1:2owUjH2d:C=od7Ssn9q 17 > > wb.us-central1.g.event.accepted Amtvu364', { stream: 'LOG_US_CENTRAL1', seq: 17 }],
    ['LOG_EU 3 > > wb.eu.g.event.accepted', { stream: 'LOG_EU', seq: 3 }],
    ['', undefined],
    ['LOG_EU', undefined],
  ])('is read from %j', (header, origin) => {
    expect(parseOrigin(header)).toEqual(origin);
  });
});
