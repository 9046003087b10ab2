import { controlKeys, quorumSubject, replicationSubjects, streamNames, subjects } from '@waybill/contracts';
import { connect, type Msg, type NatsConnection, NoRespondersError } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LinkedDeployment, startProvisioned } from '../testing/linked-deployment.ts';
import { HUB } from './deployment.ts';
import { regionConfig } from './server-settings.ts';

const [us, eu, ap] = ['us-central1', 'europe-west1', 'ap1'] as const;
const { log } = streamNames(us);
const soon = { timeout: 20_000, interval: 50 };
const login = { user: 'intruder', pass: 'owns all of eu' };

let linked: LinkedDeployment;
/** Somebody who may do everything in eu: what is refused to him, the other regions and the hub refuse. */
let intruder: NatsConnection;

beforeAll(async () => {
  linked = await startProvisioned({ regions: [us, eu, ap] });
  intruder = await withAllRights(eu);
});
afterAll(async () => {
  await intruder.close();
  await linked.cleanup();
});

/** Connects to a region as a user that it is given for this test. */
async function withAllRights(region: string): Promise<NatsConnection> {
  const [server] = linked.servers(region);
  const settings = regionConfig(linked.deployment, region, 0);
  const accounts = settings.accounts?.map((account) =>
    account.name === 'WB' ? { ...account, users: [...account.users, { user: login.user, password: login.pass }] } : account,
  );
  await server?.running.reload({ ...settings, accounts: accounts ?? [] });
  return connect({ servers: server?.running.url ?? '', ...login, inboxPrefix: `_INBOX_${region}.intruder` });
}

/** Messages heard from now on, as `<subject> <reply>`: what a push consumer delivers shows its name in the reply. */
function heard(nc: NatsConnection, subject: string): string[] {
  const seen: string[] = [];
  nc.subscribe(subject, { callback: (_error, message: Msg) => void seen.push(`${message.subject} ${message.reply ?? ''}`) });
  return seen;
}

const append = async (region: string, text: string): Promise<void> => {
  const { js } = await linked.session(region, 'ingress');
  await js.publish(subjects.fact(region, 'g', 'event.accepted'), text);
};
const copied = async (region: string): Promise<number> =>
  (await (await linked.session(region, 'operator')).jsm.streams.info(streamNames(region).peers)).state.messages;

describe('whoever has taken a region over', () => {
  it.each([
    // Another region's facts, past the filter of the own consumer.
    `$JS.${us}.API.CONSUMER.CREATE.${log}`,
    `$JS.${us}.API.CONSUMER.CREATE.${log}.mine`,
    `$JS.${us}.API.CONSUMER.CREATE.${log}.to_${eu}`,
    `$JS.${us}.API.CONSUMER.DURABLE.CREATE.${log}.to_${eu}`,
    `$JS.${us}.API.CONSUMER.MSG.NEXT.${log}.planner`,
    `$JS.${us}.API.CONSUMER.INFO.${log}.to_${eu}`,
    `$JS.${us}.API.CONSUMER.DELETE.${log}.to_${ap}`,
    `$JS.${us}.API.STREAM.MSG.GET.${log}`,
    `$JS.${us}.API.DIRECT.GET.${log}`,
    `$JS.${us}.API.STREAM.INFO.${log}`,
    `$JS.${us}.API.STREAM.DELETE.${log}`,
    `$JS.${us}.API.STREAM.PURGE.${log}`,
    `$JS.${us}.API.STREAM.MSG.GET.KV_registry`,
    `$JS.${us}.API.DIRECT.GET.KV_registry.$KV.registry.${us}.tenant.a`,
    `$JS.${us}.API.STREAM.NAMES`,
    // Other regions' cursors.
    `$JS.${us}.API.CONSUMER.RESET.${log}.to_${ap}`,
    `$JS.${us}.API.CONSUMER.RESET.${log}.planner`,
    `$JS.${us}.API.CONSUMER.RESET.KV_registry.to_${ap}`,
    // Facts and entries of other regions.
    subjects.fact(us, 'g', 'event.accepted'),
    `$KV.registry.${us}.tenant.a`,
    // The hub.
    `$JS.${HUB}.API.STREAM.DELETE.KV_control`,
    `$JS.${HUB}.API.STREAM.PURGE.KV_control`,
    `$JS.${HUB}.API.STREAM.UPDATE.KV_control`,
    `$JS.${HUB}.API.STREAM.CREATE.OTHER`,
    `$JS.${HUB}.API.STREAM.LIST`,
    `$JS.${HUB}.API.CONSUMER.CREATE.KV_control.mine`,
    `$JS.${HUB}.API.$KV.control.${controlKeys.report(us)}`,
    `$JS.${HUB}.API.$KV.control.other`,
  ])('gets no answer on %s', async (subject) => {
    await expect(intruder.request(subject, '{}', { timeout: 5_000 })).rejects.toMatchObject({ cause: expect.any(NoRespondersError) });
  });

  it('may still do what a region does: change the state of regions, report on itself', async () => {
    for (const key of [controlKeys.region(us), controlKeys.report(eu)]) {
      // The first request over a fresh link may come before the other side's interest has arrived.
      await vi.waitFor(async () => {
        const answer = await intruder.request(`$JS.${HUB}.API.$KV.control.${key}`, '{}');
        expect(answer.json()).toMatchObject({ stream: 'KV_control' });
      }, soon);
    }
    const ack = await intruder.request(`$JS.${HUB}.API.DIRECT.GET.KV_control.$KV.control.${controlKeys.region(us)}`);
    expect(ack.string()).toBe('{}');
  });

  it('hears nothing that is meant for others', async () => {
    const foreign = [`xr.${us}.to.${ap}`, `xr.*.to.${ap}`, `xk.*.to.${ap}`, `wb.${us}.>`, `$KV.registry.${us}.>`, `_INBOX_${us}.>`];
    const seen = foreign.map((subject) => heard(intruder, subject));
    const all = heard(intruder, '>');
    await intruder.flush();
    await append(us, 'one');
    const { js } = await linked.session(us, 'dispatcher');
    await vi.waitFor(() => js.publish(`$JS.${HUB}.API.$KV.control.${controlKeys.region(us)}`, '{}'), soon);
    await (await linked.session(us, 'ingress')).js.publish(`$KV.registry.${us}.tenant.a`, '{}');
    await vi.waitFor(async () => expect([await copied(ap), await copied(eu)]).toEqual([1, 1]), soon);
    await vi.waitFor(() => expect(all.filter((text) => text.includes(`KV_registry.to_${eu}.`))).not.toEqual([]), soon);
    expect(all.filter((text) => text.includes(`${log}.to_${eu}.`))).not.toEqual([]);
    expect(all.filter((text) => text.includes(`to_${ap}.`) || text.includes(`.to.${ap}`))).toEqual([]);
    expect(seen.flat()).toEqual([]);
  });

  it('cannot speak for another region, nor feed one in its name', async () => {
    const [victim, honest] = await Promise.all([withAllRights(ap), linked.session(us, 'dispatcher')]);
    const forged = [quorumSubject(us), replicationSubjects.log(us, ap), replicationSubjects.registry(us, ap), `$JS.FC.${log}.to_${ap}.x`];
    const words = [honest.nc, victim].map((nc) => heard(nc, quorumSubject('*')));
    const seen = [...forged.map((subject) => heard(victim, subject)), heard(honest.nc, quorumSubject(us))];
    await Promise.all([victim.flush(), honest.nc.flush()]);
    // Again and again: a subscription takes a moment to be known beyond the link.
    await vi.waitFor(() => {
      for (const subject of [...forged, quorumSubject(eu)]) intruder.publish(subject, 'anything');
      for (const heardThere of words) expect(heardThere).toContain(`${quorumSubject(eu)} `);
    }, soon);
    expect(new Set(words.flat())).toEqual(new Set([`${quorumSubject(eu)} `]));
    expect(seen.flat()).toEqual([]);
    await victim.close();
  });
});
