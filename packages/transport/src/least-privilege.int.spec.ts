import {
  CONSUMERS,
  type DeliveryId,
  type Endpoint,
  type EndpointId,
  streamNames,
  subjects,
  type Tenant,
  type TenantId,
} from '@waybill/contracts';
import { HUB, startThrowawayDeployment, type ThrowawayDeployment } from '@waybill/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import { DONE } from './settlement.ts';
import { JetStreamStrategy } from './jetstream.strategy.ts';
import { provisionRegions, rebuildPeers } from './provision-regions.ts';
import { Publisher } from './publisher.ts';
import { publishSchedule } from './schedule.ts';
import { RegistryView } from './registry-view.ts';
import { RegistryWriter } from './registry-writer.ts';
import { scanStream } from './scan-stream.ts';
import { eventually, silent } from './testing/region.ts';

const [us, eu] = ['us-central1', 'europe-west1'] as const;
const REGIONS = [us, eu];
const at = '2026-01-01T00:00:00.000Z';
const acme: Tenant = { id: 'acme' as TenantId, createdAt: at, updatedAt: at };
const endpoint: Endpoint = {
  id: 'ep_1' as EndpointId,
  tenantId: acme.id,
  url: 'https://example.com/h',
  eventTypes: ['*'],
  secrets: [{ key: `whsec_${'A'.repeat(32)}` }],
  createdAt: at,
  updatedAt: at,
};

describe('what this package does as users with few rights, over links with few rights', () => {
  let nats: ThrowawayDeployment;
  const open: Bus[] = [];

  const as = async (place: string, user: string): Promise<Bus> => {
    const { servers, pass, ...login } = nats.login(place, user);
    const bus = await connectBus({ ...login, servers: servers.join(','), password: pass, name: `${user}-${place}` });
    open.push(bus);
    return bus;
  };
  const provisioners = (): Promise<{ id: string; bus: Bus }[]> =>
    Promise.all(REGIONS.map(async (id) => ({ id, bus: await as(id, 'provisioner') })));

  beforeAll(async () => {
    nats = await startThrowawayDeployment({ regions: REGIONS, hubNodes: 1 });
    await provisionRegions(await provisioners(), await as(HUB, 'admin'));
  });
  afterAll(async () => {
    for (const bus of open) await bus.close();
    await nats.cleanup();
  });

  it('provisions again, and finds nothing to do', async () => {
    const told = await provisionRegions(await provisioners(), await as(HUB, 'admin'));
    expect(told.flatMap(({ steps }) => steps).filter(({ action }) => action !== 'unchanged')).toEqual([]);
  });

  it('writes the registry in one region, changes it in the other, and both read the same', async () => {
    const [writing, delivering] = [await as(us, 'ingress'), await as(eu, 'dispatcher')];
    const here = await RegistryView.follow(writing, silent(), us);
    const there = await RegistryView.follow(delivering, silent(), eu);
    const writer = new RegistryWriter(writing, us, here);
    await writer.create('tenant', [acme.id], acme);
    await writer.create('endpoint', [acme.id, endpoint.id], endpoint);
    expect(await there.atLeast(us, here.ownRevision('g'), 10_000)).toBe(true);
    const disabled = { reason: 'gone', at } as const;
    const path = [acme.id, endpoint.id];
    await new RegistryWriter(delivering, eu, there).update('endpoint', path, (now) => ({ ...now, disabled }));
    expect(await here.atLeast(eu, there.ownRevision('g'), 10_000)).toBe(true);
    expect(here.endpointsOf(acme.id)).toEqual(there.endpointsOf(acme.id));
    expect(here.endpoint(acme.id, endpoint.id)?.disabled).toEqual(disabled);
    here.close();
    there.close();
  });

  it('hands plans to the other region’s dispatcher, which reads them and keeps its retries', async () => {
    const planner = new Publisher(await as(us, 'planner'));
    const bus = await as(eu, 'dispatcher');
    const seen: string[] = [];
    const strategy = new JetStreamStrategy({ logger: silent(), onPoison: async () => undefined });
    strategy.addHandler('plan.made', async ({ body }) => {
      seen.push(Buffer.from(body).toString());
      return DONE;
    });
    await strategy.listen(() => undefined);
    const { peers, retry } = streamNames(eu);
    const read = { pattern: 'plan.made', concurrency: 1 };
    const attached = await strategy.attach({
      bus,
      bindings: [
        { ...read, stream: peers, durable: CONSUMERS.dispatcherPeers },
        { ...read, stream: retry, durable: CONSUMERS.dispatcherDue },
      ],
    });
    await planner.publish({ subject: subjects.plan(us, 'g', eu), body: 'plan', msgId: 'plan' });
    await eventually(() => seen.includes('plan'));
    const own = new Publisher(bus);
    await publishSchedule(own.publish, { region: eu, deliveryId: 'dlv_1' as DeliveryId, dueMs: Date.now(), attempt: 2, body: 'due' });
    await eventually(() => seen.includes('due'));
    await attached.detach();
    await strategy.close();
    planner.close();
    own.close();
  });

  it('tells from which place of which log a copy was made', async () => {
    const bus = await as(eu, 'dispatcher');
    const { log } = streamNames(us);
    const origins: unknown[] = [];
    await scanStream(bus, { stream: streamNames(eu).peers, subjects: [subjects.peerPlansFor(eu)] }, ({ origin }) => origins.push(origin));
    expect(origins).toEqual([{ stream: log, seq: 1 }]);
  });

  it('makes the copies anew', async () => {
    await rebuildPeers(await provisioners(), eu);
    const bus = await as(eu, 'operator');
    await eventually(async () => (await bus.jsm.streams.info(streamNames(eu).peers)).state.messages === 1);
  });
});
