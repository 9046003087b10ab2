import { peerConsumer, replicationSubjects, streamNames, subjects } from '@waybill/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type LinkedDeployment, type Session, startProvisioned } from '../testing/linked-deployment.ts';
import { makeControl, makeCopies, makeFeeds, makeOwnAssets } from '../testing/region-assets.ts';
import { HUB } from './deployment.ts';

const [us, eu, ap] = ['us-central1', 'europe-west1', 'ap1'] as const;
const soon = { timeout: 20_000, interval: 50 };

let linked: LinkedDeployment;
beforeAll(async () => {
  linked = await startProvisioned({ regions: [us] });
  stayed = await linked.session(us, 'ingress');
  void countDisconnects(stayed);
});
afterAll(() => linked.cleanup());

/** A client that is there from the beginning. */
let stayed: Session;
let disconnects = 0;

const provisioner = async (region: string): Promise<Session['jsm']> => (await linked.session(region, 'provisioner')).jsm;

const append = async ({ js }: Session, region: string, id: string): Promise<number> =>
  (await js.publish(subjects.fact(region, 'g', 'event.accepted'), id, { msgID: id })).seq;

const copied = async (region: string): Promise<number> =>
  (await (await linked.session(region, 'operator')).jsm.streams.info(streamNames(region).peers)).state.messages;

async function countDisconnects({ nc }: Session): Promise<void> {
  for await (const { type } of nc.status()) if (type === 'disconnect') disconnects += 1;
}

async function addSource(jsm: Session['jsm'], region: string, origin: string): Promise<void> {
  const { peers } = streamNames(region);
  const { config } = await jsm.streams.info(peers);
  const consumer = { name: peerConsumer(region), deliver_subject: replicationSubjects.log(origin, region) };
  const source = { name: streamNames(origin).log, external: { api: `$JS.${origin}.API` }, consumer };
  await jsm.streams.update(peers, { sources: [...(config.sources ?? []), source] });
}

const linksSchema = z.object({
  server: z.object({ id: z.string() }),
  data: z.object({ leafs: z.array(z.object({ id: z.number() })).nullish() }),
});

/** Cuts every link at the hub, whose nodes answer on the system account; the regions link again within seconds. Returns how many there were. */
async function renewLinks({ nc }: Session, nodes: number): Promise<number> {
  let cut = 0;
  for await (const answer of await nc.requestMany('$SYS.REQ.SERVER.PING.LEAFZ', '{}', {
    strategy: 'count',
    maxMessages: nodes,
    maxWait: 5_000,
  })) {
    const { server, data } = linksSchema.parse(answer.json());
    for (const { id } of data.leafs ?? []) {
      await nc.request(`$SYS.REQ.SERVER.${server.id}.KICK`, JSON.stringify({ cid: id }));
      cut += 1;
    }
  }
  return cut;
}

describe('a region that runs alone', () => {
  it('keeps its control bucket itself', async () => {
    const { js } = await linked.session(us, 'dispatcher');
    await js.publish(`$KV.control.region.${us}`, '{}');
    await js.publish(`$JS.${us}.API.$KV.control.report.${us}`, '{}');
  });

  it('joins a hub and another region without a restart, with all it has', async () => {
    await append(stayed, us, 'alone');
    const pid = linked.servers(us)[0]?.running.pid;
    await linked.grow({ regions: [us, eu] });
    expect(linked.servers(us)[0]?.running.pid).toBe(pid);
    await vi.waitFor(() => append(stayed, us, 'joined'), soon);
    await makeControl((await linked.session(HUB, 'admin')).jsm, 3);
    await makeOwnAssets(await provisioner(eu), { region: eu, peers: [us] });
    await makeFeeds(await provisioner(us), us, eu);
    for (const [region, peer] of [
      [us, eu],
      [eu, us],
    ] as const)
      await makeCopies(await provisioner(region), { region, peers: [peer] });
    await append(await linked.session(eu, 'ingress'), eu, 'there');
    await vi.waitFor(async () => expect([await copied(us), await copied(eu)]).toEqual([1, 2]), soon);
  });

  it('gives a client that stayed connected its new permissions', async () => {
    await expect(stayed.nc.request(`$JS.${HUB}.API.INFO`)).resolves.toBeDefined();
    await expect(stayed.nc.request(`$KV.control.region.${us}`, '{}')).rejects.toThrow('Permissions Violation');
    expect(disconnects).toBe(0);
  });

  it('hears nothing of a third region until its old link is made again, and then all of it', async () => {
    await linked.grow({ regions: [us, eu, ap] });
    await makeOwnAssets(await provisioner(ap), { region: ap, peers: [us, eu] });
    for (const region of [us, eu]) await makeFeeds(await provisioner(region), region, ap);
    await makeCopies(await provisioner(ap), { region: ap, peers: [us, eu] });
    for (const region of [us, eu]) await addSource(await provisioner(region), region, ap);
    await append(await linked.session(ap, 'ingress'), ap, 'late');
    await vi.waitFor(async () => expect(await copied(ap)).toBe(3), soon);
    await append(await linked.session(eu, 'ingress'), eu, 'later');
    await vi.waitFor(async () => expect(await copied(us)).toBe(2), soon);

    expect(await renewLinks(await linked.session(HUB, 'sys'), 3)).toBe(3);
    await vi.waitFor(async () => expect([await copied(us), await copied(eu)]).toEqual([3, 3]), soon);
  });
});
