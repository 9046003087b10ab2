import { streamNames, subjects } from '@waybill/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LinkedDeployment, type Session, startProvisioned } from '../testing/linked-deployment.ts';

const [us, eu] = ['us-central1', 'europe-west1'] as const;
const soon = { timeout: 20_000, interval: 50 };
/** More than the thousand that pass without flow control. */
const MANY = 3_000;

let linked: LinkedDeployment;
beforeAll(async () => {
  linked = await startProvisioned({ regions: [us, eu] });
});
afterAll(() => linked.cleanup());

const keysOf = async ({ jsm }: Session): Promise<string[]> => {
  const { state } = await jsm.streams.info('KV_registry', { subjects_filter: '>' });
  return Object.keys(state.subjects ?? {}).toSorted();
};

describe('replication between two regions', () => {
  it.each([
    [us, eu],
    [eu, us],
  ])('copies from %s to %s what may leave, all of it, and nothing that stays', async (origin, destination) => {
    const [ingress, reader] = await Promise.all([linked.session(origin, 'ingress'), linked.session(destination, 'operator')]);
    const appended = Array.from({ length: MANY }, (_, index) => {
      const scope = index % 3 === 0 ? 'l' : 'g';
      return ingress.js.publish(subjects.fact(origin, scope, 'event.accepted'), scope, { msgID: `${origin} ${index}` });
    });
    await Promise.all(appended);
    const copies = streamNames(destination).peers;
    const here = async (): Promise<number> => (await reader.jsm.streams.info(copies)).state.messages;
    await vi.waitFor(async () => expect(await here()).toBe((MANY * 2) / 3), soon);
    const { state } = await reader.jsm.streams.info(copies, { subjects_filter: '>' });
    expect(Object.keys(state.subjects ?? {})).toEqual([subjects.fact(origin, 'g', 'event.accepted')]);
  });

  it('copies the registry both ways without what is a strict tenant’s or a region’s own', async () => {
    const stays = [`${us}.l.tenant.strict`, `${us}.l.endpoint.strict.e`];
    const sessions = await Promise.all([linked.session(us, 'ingress'), linked.session(eu, 'ingress')]);
    for (const key of [...stays, `${us}.tenant.acme`, `${us}.route.tenant.strict`, `${us}.region.${us}`])
      await sessions[0].js.publish(`$KV.registry.${key}`, key);
    await sessions[1].js.publish(`$KV.registry.${eu}.tenant.other`, 'other');
    const replicated = [`${us}.tenant.acme`, `${us}.route.tenant.strict`, `${us}.region.${us}`, `${eu}.tenant.other`];
    const subjectsOf = (keys: string[]): string[] => keys.map((key) => `$KV.registry.${key}`).toSorted();
    await vi.waitFor(async () => expect(await keysOf(sessions[1])).toEqual(subjectsOf(replicated)), soon);
    await vi.waitFor(async () => expect(await keysOf(sessions[0])).toEqual(subjectsOf([...replicated, ...stays])), soon);
  });

  it('tells in a header where a copy comes from; the time is that of the copying', async () => {
    const [there, here] = await Promise.all([linked.session(us, 'operator'), linked.session(eu, 'operator')]);
    const { log } = streamNames(us);
    const copy = await here.jsm.streams.getMessage(streamNames(eu).peers, { seq: 2 });
    const source = copy?.header.get('Nats-Stream-Source') ?? '';
    // Stream with hashes of where and how it is reached, sequence, filter, destination, subject, identity of the origin stream.
    expect(source).toMatch(/^LOG_US_CENTRAL1:\w+:C=\w+ \d+ > > wb\.us-central1\.g\.event\.accepted \w+$/);
    const original = await there.jsm.streams.getMessage(log, { seq: Number(source.split(' ')[1]) });
    expect(original?.header.get('Nats-Msg-Id')).toBe(copy?.header.get('Nats-Msg-Id'));
    expect(Date.parse(copy?.timestamp ?? '')).toBeGreaterThanOrEqual(Date.parse(original?.timestamp ?? ''));
    expect(copy?.timestamp).not.toBe(original?.timestamp);
  });
});
