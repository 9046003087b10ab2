import {
  type Endpoint,
  type EndpointId,
  type RouteRecord,
  type Source,
  type SourceId,
  type Tenant,
  type TenantId,
} from '@waybill/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from './bus.ts';
import { provisionRegions } from './provision-regions.ts';
import { RegistryView } from './registry-view.ts';
import { RegistryWriter } from './registry-writer.ts';
import { type LinkedRegions, startLinkedRegions } from './testing/linked-regions.ts';
import { eventually, silent } from './testing/region.ts';

const us = 'us-central1';
const eu = 'europe-west1';
const at = '2026-01-01T00:00:00.000Z';
const BUDGET_MS = 10_000;

const tenant = (id: string, more: Partial<Tenant> = {}): Tenant => ({ id: id as TenantId, createdAt: at, updatedAt: at, ...more });
const strict = (id: string): Tenant => tenant(id, { placement: { home: us, residency: 'strict' } });
const endpoint = (tenantId: string, id: string): Endpoint => ({
  id: id as EndpointId,
  tenantId: tenantId as TenantId,
  url: 'https://example.com/h',
  eventTypes: ['*'],
  secrets: [{ key: `whsec_${'A'.repeat(32)}` }],
  createdAt: at,
  updatedAt: at,
});
const source = (tenantId: string, id: string): Source => ({
  id: id as SourceId,
  tenantId: tenantId as TenantId,
  verification: { kind: 'none' },
  createdAt: at,
  updatedAt: at,
});

/** A region's view and a writer whose clock is chosen. */
interface Place {
  readonly id: string;
  readonly bus: Bus;
  readonly view: RegistryView;
  readonly writer: RegistryWriter;
  nowMs: number;
}

describe('the registry of several regions', () => {
  let linked: LinkedRegions;
  let here: Place;
  let there: Place;

  const open = async (id: string): Promise<Place> => {
    const { bus } = linked.region(id);
    const view = await RegistryView.follow(bus, silent(), id);
    const place: Place = { id, bus, view, nowMs: Date.now(), writer: new RegistryWriter(bus, id, view, () => place.nowMs) };
    return place;
  };
  /** Waits until each has seen all that the other wrote. */
  const inStep = async (): Promise<void> => {
    expect(await there.view.atLeast(here.id, here.view.ownRevision('g'), BUDGET_MS)).toBe(true);
    expect(await here.view.atLeast(there.id, there.view.ownRevision('g'), BUDGET_MS)).toBe(true);
  };

  beforeAll(async () => {
    linked = await startLinkedRegions([us, eu]);
    await provisionRegions(linked.buses(), linked.hub.bus);
  });
  afterAll(() => linked.cleanup());
  beforeEach(async () => {
    [here, there] = await Promise.all([open(us), open(eu)]);
  });
  afterEach(() => {
    here.view.close();
    there.view.close();
  });

  it('shows what another region wrote, as of the revision that it names', async () => {
    await here.writer.create('tenant', ['acme'], tenant('acme'));
    await here.writer.create('region', [us], { id: us, url: 'https://us.example.com', updatedAt: at });
    await inStep();
    expect(there.view.tenant('acme')).toEqual(tenant('acme'));
    expect(there.view.regionUrl(us)).toBe('https://us.example.com');
    expect(there.view.regions().map(({ id }) => id)).toEqual([us]);
    expect(there.view.revision).toBe(0);
    expect(await there.view.atLeast(us, here.view.revision + 1_000, 20)).toBe(false);
    const late = await RegistryView.follow(there.bus, silent(), eu);
    expect(await late.atLeast(us, here.view.revision, 0)).toBe(true);
    late.close();
  });

  it('keeps what belongs to a strict tenant at home, also when the caller does not say so', async () => {
    await here.writer.create('tenant', ['strict'], strict('strict'));
    await here.writer.create('endpoint', ['strict', 'ep_1'], endpoint('strict', 'ep_1'));
    await here.writer.put('source', ['strict-source'], source('strict', 'strict-source'));
    await here.writer.put('health', ['strict', 'ep_1'], { endpointId: 'ep_1', failingSince: at });
    const before = here.view.ownRevision('g');
    const route: RouteRecord = { id: 'strict', kind: 'tenant', home: us, updatedAt: at };
    await here.writer.put('route', ['tenant', 'strict'], route);
    await here.writer.update('endpoint', ['strict', 'ep_1'], (now) => ({ ...now, eventTypes: ['order.*'] }));
    await here.writer.put('tenant', ['plain'], tenant('plain'), { scope: 'l' });
    expect(here.view.ownRevision('g')).toBeGreaterThan(before);
    expect(here.view.revision).toBeGreaterThan(here.view.ownRevision('g'));
    await inStep();
    expect(there.view.route('tenant', 'strict')).toEqual(route);
    expect([there.view.tenant('strict'), there.view.source('strict-source'), there.view.tenant('plain')]).toEqual(Array(3).fill(undefined));
    expect(there.view.endpointsOf('strict')).toEqual([]);
    expect(here.view.endpointsOf('strict').map(({ eventTypes }) => eventTypes)).toEqual([['order.*']]);
    for (const subject of subjectsOf(await there.bus.jsm.streams.info('KV_registry', { subjects_filter: '>' }))) {
      expect(subject).not.toMatch(/\.(l|health)\./);
    }
  });

  it('lets a region change what another wrote, also when its clock is behind', async () => {
    await here.writer.create('tenant', ['shared'], tenant('shared', { name: 'one', updatedAt: '2026-06-01T00:00:00.000Z' }));
    await inStep();
    await there.writer.update('tenant', ['shared'], (now) => ({ ...now, name: 'two', updatedAt: at }));
    expect(there.view.tenant('shared')?.name).toBe('two');
    await inStep();
    expect(here.view.tenant('shared')).toEqual(there.view.tenant('shared'));
    await here.writer.update('tenant', ['shared'], (now) => ({ ...now, name: `${now.name ?? ''} three` }));
    await inStep();
    expect(there.view.tenant('shared')?.name).toBe('two three');
  });

  it('dates what a region writes never earlier than what it wrote before, also when its clock is set back', async () => {
    const late = '2026-06-01T00:00:00.000Z';
    await here.writer.create('tenant', ['back'], tenant('back', { updatedAt: late }));
    await here.writer.update('tenant', ['back'], (now) => ({ ...now, name: 'changed', updatedAt: at }));
    expect(here.view.tenant('back')).toEqual(tenant('back', { name: 'changed', updatedAt: late }));
    here.nowMs = Date.parse(at);
    await here.writer.remove('tenant', ['back']);
    const stored = await here.bus.jsm.streams.getMessage('KV_registry', { last_by_subj: `$KV.registry.${us}.tenant.back` });
    expect(stored?.json()).toEqual({ removed: true, updatedAt: late });
  });

  it('loses no change when two processes of one region change what another region wrote', async () => {
    await here.writer.create('tenant', ['busy'], tenant('busy'));
    await inStep();
    const second = await open(eu);
    await second.view.caughtUp(BUDGET_MS);
    const mark = ({ writer }: Place, name: string): Promise<number> =>
      writer.update('tenant', ['busy'], (now) => ({ ...now, name: `${now.name ?? ''}${name}` }));
    await Promise.all([mark(there, 'a'), mark(second, 'b')]);
    await there.view.caughtUp(BUDGET_MS);
    expect(there.view.tenant('busy')?.name).toMatch(/^(ab|ba)$/);
    second.view.close();
  });

  it('removes everywhere what one region removed, until a region makes it anew', async () => {
    await here.writer.create('tenant', ['gone'], tenant('gone'));
    await here.writer.create('endpoint', ['gone', 'ep_1'], endpoint('gone', 'ep_1'));
    await inStep();
    there.nowMs = Date.parse('2020-01-01T00:00:00.000Z');
    await there.writer.remove('endpoint', ['gone', 'ep_1']);
    await there.writer.remove('endpoint', ['gone', 'never']);
    expect(there.view.endpointsOf('gone')).toEqual([]);
    await inStep();
    expect(here.view.endpoint('gone', 'ep_1')).toBeUndefined();
    expect(here.view.endpointsOf('gone')).toEqual([]);
    await here.writer.create('endpoint', ['gone', 'ep_1'], endpoint('gone', 'ep_1'));
    await inStep();
    expect(there.view.endpointsOf('gone').length).toBe(1);
  });

  it('says when it cannot see another region’s newest in time, and sees it when the link is back', async () => {
    await linked.hub.kill();
    const revision = await here.writer.create('tenant', ['cut'], tenant('cut'));
    expect(await there.view.atLeast(us, revision, 100)).toBe(false);
    expect(there.view.failure).toBeUndefined();
    const later = there.view.atLeast(us, revision, 30_000);
    await linked.hub.restart();
    expect(await later).toBe(true);
    expect(there.view.tenant('cut')).toBeDefined();
    await eventually(() => linked.hub.bus.isUp());
  });
});

const subjectsOf = ({ state }: { state: { subjects?: Record<string, number> } }): string[] => Object.keys(state.subjects ?? {});
