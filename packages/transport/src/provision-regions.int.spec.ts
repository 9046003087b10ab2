import { CONSUMERS, type Scope, streamNames, subjects } from '@waybill/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from './bus.ts';
import { provision } from './provision.ts';
import { provisionRegions, rebuildPeers } from './provision-regions.ts';
import { regionTopology } from './topology.ts';
import { type LinkedRegions, startLinkedRegions } from './testing/linked-regions.ts';
import { eventually } from './testing/region.ts';

const PAIR = ['us-central1', 'europe-west1'];
const [us = '', eu = ''] = PAIR;
const late = 'asia-1';

let linked: LinkedRegions;
let sequence = 0;

const bus = (region: string): Bus => linked.region(region).bus;
const buses = (ids: readonly string[]): { id: string; bus: Bus }[] => linked.buses().filter(({ id }) => ids.includes(id));
const provisionPair = (): ReturnType<typeof provisionRegions> => provisionRegions(buses(PAIR), linked.hub.bus);

/** Appends one fact and returns its body, by which it is known again. */
async function append(region: string, scope: Scope = 'g'): Promise<string> {
  const body = `${region} ${scope} ${(sequence += 1)}`;
  await bus(region).js.publish(subjects.fact(region, scope, 'event.accepted'), body, { msgID: body });
  return body;
}

const lastSeq = async (region: string, stream: string): Promise<number> => (await bus(region).jsm.streams.info(stream)).state.last_seq;

async function contents(region: string, stream: string): Promise<string[]> {
  const texts: string[] = [];
  for (let seq = 1; seq <= (await lastSeq(region, stream)); seq += 1) {
    const message = await bus(region).jsm.streams.getMessage(stream, { seq });
    if (message !== null) texts.push(`${message.subject} ${message.string()}`);
  }
  return texts;
}

const arrived = (region: string, body: string): Promise<boolean> =>
  eventually(async () => (await contents(region, streamNames(region).peers)).some((text) => text.endsWith(body)));

describe('provisioning several regions', () => {
  beforeAll(async () => {
    linked = await startLinkedRegions([...PAIR, late]);
  });
  afterAll(() => linked.cleanup());
  beforeEach(provisionPair);

  it('tells first, makes all, then finds nothing to do', async () => {
    const fresh = await startLinkedRegions(['a', 'b']);
    try {
      const told = await provisionRegions(fresh.buses(), fresh.hub.bus, { dryRun: true });
      expect(told.map(({ place }) => place)).toEqual(['hub', 'a', 'b']);
      expect(told.flatMap(({ steps }) => steps).every(({ action }) => action === 'create')).toBe(true);
      await expect(fresh.region('a').bus.jsm.streams.info('LOG_A')).rejects.toThrow();
      expect(await provisionRegions(fresh.buses(), fresh.hub.bus)).toEqual(told);
      const again = await provisionRegions(fresh.buses(), fresh.hub.bus);
      expect(again.flatMap(({ steps }) => steps).filter(({ action }) => action !== 'unchanged')).toEqual([]);
      expect((await fresh.hub.bus.jsm.streams.info('KV_control')).config.max_msgs_per_subject).toBe(1);
    } finally {
      await fresh.cleanup();
    }
  });

  it('changes nothing anywhere when one region refuses', async () => {
    const fresh = await startLinkedRegions(['a', 'b']);
    try {
      const log = regionTopology('b').streams.find(({ name }) => name === 'LOG_B');
      await fresh.region('b').bus.jsm.streams.add({ ...log, name: 'LOG_B', storage: 'memory' });
      await expect(provisionRegions(fresh.buses(), fresh.hub.bus)).rejects.toMatchObject({ code: 'WB_TOPOLOGY_IMMUTABLE' });
      await expect(fresh.region('a').bus.jsm.streams.info('LOG_A')).rejects.toThrow();
      await expect(fresh.hub.bus.jsm.streams.info('KV_control')).rejects.toThrow();
    } finally {
      await fresh.cleanup();
    }
  });

  it('copies what may leave, both ways, and nothing else', async () => {
    const [stays, leaves, back] = [await append(us, 'l'), await append(us), await append(eu)];
    for (const key of ['tenant.acme', 'l.tenant.strict', 'health.acme.e']) await bus(us).js.publish(`$KV.registry.${us}.${key}`, key);
    await bus(us).js.publish(`$KV.registry.${us}.tenant.last`, 'last');
    await Promise.all([arrived(eu, leaves), arrived(us, back)]);
    await eventually(async () => (await contents(eu, 'KV_registry')).some((text) => text.endsWith('last')));
    const copies = [...(await contents(eu, streamNames(eu).peers)), ...(await contents(eu, 'KV_registry'))];
    expect(copies).toContain(`$KV.registry.${us}.tenant.acme tenant.acme`);
    expect(copies.filter((text) => text.endsWith(stays) || text.includes('strict') || text.includes('health'))).toEqual([]);
  });

  it('hands a region the plans of the others that are addressed to it', async () => {
    await bus(us).js.publish(subjects.plan(us, 'g', us), 'own', { msgID: 'own' });
    await bus(us).js.publish(subjects.plan(us, 'g', eu), 'across', { msgID: 'across' });
    const consumer = await bus(eu).js.consumers.get(streamNames(eu).peers, CONSUMERS.dispatcherPeers);
    const message = await consumer.next({ expires: 10_000 });
    expect(message?.string()).toBe('across');
    message?.ack();
  });

  it('goes on where it was when a region was away', async () => {
    await linked.region(us).kill();
    const meanwhile = await append(eu);
    await eventually(() => !bus(us).isUp());
    await linked.region(us).restart();
    await eventually(() => bus(us).isUp());
    await arrived(us, meanwhile);
    await arrived(eu, await append(us));
    const copies = await contents(us, streamNames(us).peers);
    expect(new Set(copies).size).toBe(copies.length);
  });

  it('takes a third region in, with what both sides had before', async () => {
    const before = await append(us);
    await provisionRegions(buses([late]), undefined);
    const alone = await append(late);
    await bus(late).js.publish(`$KV.registry.${late}.tenant.late`, 'late');
    await provisionRegions(linked.buses(), linked.hub.bus);
    await Promise.all([arrived(late, before), arrived(us, alone), arrived(eu, alone)]);
    await eventually(async () => (await contents(us, 'KV_registry')).some((text) => text.endsWith('late')));
    const copies = await contents(us, streamNames(us).peers);
    expect(new Set(copies).size).toBe(copies.length);
  });
});

/** Waits until the copying region has acked so far: what it acked is not delivered again by itself. */
const acked = (stream: string, seq: number): Promise<boolean> =>
  eventually(async () => (await bus(us).jsm.consumers.info(stream, `to_${eu}`)).ack_floor.stream_seq >= seq);

describe('making the copies of other regions anew', () => {
  beforeAll(async () => {
    linked = await startLinkedRegions(PAIR);
    await provisionPair();
  });
  afterAll(() => linked.cleanup());

  it('fills them again, where deleting and making them leaves them empty', async () => {
    const { peers } = streamNames(eu);
    const bodies = [await append(us), await append(us)];
    await arrived(eu, bodies[1] ?? '');
    await acked(streamNames(us).log, 2);
    await bus(eu).jsm.streams.delete(peers);
    await provision(bus(eu), regionTopology(eu, { peers: [us] }));
    bodies.push(await append(us));
    await arrived(eu, bodies[2] ?? '');
    expect((await contents(eu, peers)).length).toBe(1);

    await rebuildPeers(linked.buses(), eu);
    await arrived(eu, bodies[2] ?? '');
    expect((await contents(eu, peers)).map((text) => text.split(' ').slice(1).join(' '))).toEqual(bodies);
    await arrived(eu, await append(us));
  });

  it('is done by provisioning when a region has lost its stores', async () => {
    const entry = (id: string): Promise<unknown> => bus(us).js.publish(`$KV.registry.${us}.tenant.${id}`, id);
    const before = await append(us);
    await Promise.all([entry('one'), entry('two'), arrived(eu, before)]);
    await acked('KV_registry', 2);
    await acked(streamNames(us).log, await lastSeq(us, streamNames(us).log));
    for (const stream of [streamNames(eu).peers, 'KV_registry']) await bus(eu).jsm.streams.delete(stream);
    await provisionPair();
    await arrived(eu, before);
    await eventually(async () => (await contents(eu, 'KV_registry')).length === 2);
    await entry('three');
    await eventually(async () => (await contents(eu, 'KV_registry')).length === 3);
  });

  it('leaves everything as it is when an origin cannot feed it', async () => {
    const before = await contents(eu, streamNames(eu).peers);
    await bus(us).jsm.consumers.delete(streamNames(us).log, `to_${eu}`);
    await expect(rebuildPeers(linked.buses(), eu)).rejects.toMatchObject({ code: 'WB_TOPOLOGY_MISSING' });
    expect(await contents(eu, streamNames(eu).peers)).toEqual(before);
  });
});
