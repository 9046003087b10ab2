import { HUB, type ThrowawayShape } from '@waybill/nats-server';
import { peerConsumer, streamNames, subjects } from '@waybill/contracts';
import { provision, regionTopology } from '@waybill/transport';
import { describe, expect, it, type TestContext, vi } from 'vitest';
import { renewLinks } from '../deployment/hub-links.ts';
import { connectTo } from '../deployment/installation.ts';
import { rebuildCopies } from '../deployment/rebuild-copies.ts';
import { ExaminedDeployment } from './testing/examined-deployment.ts';

const [us, eu, ap] = ['us-central1', 'europe-west1', 'ap1'] as const;
const soon = { timeout: 40_000, interval: 200 };

/** Starts servers that end with the test. */
async function examine({ onTestFinished }: TestContext, shape: ThrowawayShape): Promise<ExaminedDeployment> {
  const examined = await ExaminedDeployment.start(shape);
  onTestFinished(() => examined.cleanup());
  return examined;
}

/** Each has servers of its own and mostly waits for them: two at a time take half as long. */
describe.concurrent('doctor, asked about real servers', () => {
  it('finds nothing wrong with a pair of regions that is well', async (test) => {
    const examined = await examine(test, { regions: [us, eu] });
    const findings = await examined.findings();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findings.map(({ what }) => what)).toEqual(expect.arrayContaining(['hub', `${us} link`, `${eu} record`, `${eu} ← ${us}`]));
  });

  it('finds links that may speak to a wildcard instead of to their peers', async (test) => {
    const examined = await examine(test, { regions: [us, eu], hubNodes: 1 });
    await examined.relink((subject) =>
      subject.replace(/^\$JS\.([^.]+)\.API\.CONSUMER\.RESET\.[^.]+\.to_(.+)$/, '$$JS.*.API.CONSUMER.RESET.*.to_$2'),
    );
    const told = await examined.wrong();
    for (const [region, peer] of [
      [us, eu],
      [eu, us],
    ] as const)
      expect(told).toContain(
        `${region} ← ${peer}: ${streamNames(region).peers} has never heard of ${peer}, and nothing refuses it: a link's permission with a wildcard instead of the peer's name lets nothing through`,
      );
    expect(told.filter((line) => !line.includes('←'))).toEqual([]);
    await examined.relink((subject) => subject);
    expect(await examined.wrong()).toEqual([]);
  });

  it('finds a copy that was made anew while its origin went on where it was', async (test) => {
    const examined = await examine(test, { regions: [us, eu], hubNodes: 1 });
    const origin = await connectTo(examined.installation, { place: us, user: 'operator' });
    const acked = async (): Promise<number> =>
      (await origin.jsm.consumers.info(streamNames(us).log, peerConsumer(eu))).ack_floor.consumer_seq;
    await vi.waitFor(async () => expect(await acked()).toBeGreaterThan(1), soon);
    await origin.close();
    expect(await examined.wrong()).toEqual([]);
    const bus = await connectTo(examined.installation, { place: eu, user: 'provisioner' });
    await bus.jsm.streams.delete(streamNames(eu).peers);
    await provision(bus, regionTopology(eu, { peers: [us] }));
    await bus.close();
    const told = await examined.wrong();
    expect(told).toEqual([expect.stringMatching(new RegExp(`^${eu} ← ${us}: the copy of ${us} in ${eu} .* it was made anew`))]);
    await rebuildCopies(examined.installation, eu, {}, () => undefined);
    expect(await examined.wrong()).toEqual([]);
  });

  it('finds a region that is up and does not write to the control bucket any more', async (test) => {
    const examined = await examine(test, { regions: [us, eu], hubNodes: 1 });
    expect(await examined.wrong()).toEqual([]);
    examined.beating.get(eu)?.stopControl();
    expect(await examined.wrong()).toEqual([
      expect.stringMatching(
        new RegExp(`^${eu} record: the record of ${eu} was not renewed for 1\\d s, although the region is up and linked$`),
      ),
    ]);
  });

  it('finds a flow that stopped because nobody may say that it goes on', async (test) => {
    const examined = await examine(test, { regions: [us, eu], hubNodes: 1 });
    await examined.relink((subject) => (subject.startsWith('$JS.FC.') ? undefined : subject));
    const bus = await connectTo(examined.installation, { place: us, user: 'ingress' });
    const fact = subjects.fact(us, 'g', 'event.accepted');
    await Promise.all(Array.from({ length: 6_000 }, () => bus.js.publish(fact, 'x')));
    await bus.close();
    const stopped = expect.stringContaining(`${streamNames(eu).peers} stopped in the middle of copying from ${us}`);
    await vi.waitFor(async () => expect(await examined.wrong()).toContainEqual(stopped), soon);
  });

  it('finds a node of the hub that is down, and a region that is', async (test) => {
    const examined = await examine(test, { regions: [us, eu] });
    await examined.servers.servers(HUB)[2]?.kill();
    await examined.servers.servers(eu)[0]?.kill();
    // The two nodes left may need seconds to elect a leader: until then the hub's streams do not answer either.
    const settled = [
      expect.stringMatching(new RegExp(`^${eu} nats answers: no answer`)),
      expect.stringMatching(/^hub: hub-3 at .* does not answer/),
    ];
    await vi.waitFor(async () => expect(await examined.wrong()).toEqual(settled), soon);
  });

  it('finds a hub without a majority, and one that is gone as a whole, and does not wait for it', async (test) => {
    const examined = await examine(test, { regions: [us, eu] });
    const [first, ...others] = examined.servers.servers(HUB);
    for (const node of others) await node.kill();
    expect(await examined.wrong()).toContainEqual(expect.stringMatching(/^hub: the control bucket has no leader/));
    await first?.kill();
    const told = await examined.wrong();
    expect(told).toContain('hub: the control bucket has no leader: no node answers');
    expect(told).toContain('hub streams: no answer within 3 s');
    expect(told).toContain('links: the hub cannot be asked: no answer within 3 s');
  });

  it('finds settings with which facts would be lost', async (test) => {
    const examined = await examine(test, { regions: [us, eu], hubNodes: 1 });
    const bus = await connectTo(examined.installation, { place: eu, user: 'provisioner' });
    await bus.jsm.streams.update(streamNames(eu).peers, { duplicate_window: 120_000_000_000 });
    await bus.close();
    expect(await examined.wrong()).toEqual([
      expect.stringMatching(new RegExp(`^${eu} streams: update stream ${streamNames(eu).peers}`)),
      expect.stringContaining('drops a fact whose Msg-Id another region used as well'),
    ]);
  });
});

describe('doctor, asked about a region that joins', () => {
  it('finds links that kept their permissions when a region was added', async (test) => {
    const examined = await examine(test, { regions: [us, eu], hubNodes: 1 });
    await examined.servers.grow({ regions: [us, eu, ap], hubNodes: 1 });
    await examined.provision();
    await examined.beat(ap);
    const told = await examined.wrong();
    for (const region of [us, eu])
      expect(told).toContain(
        `${region} ← ${ap}: ${streamNames(region).peers} has never heard of ${ap}, but hears other regions: a link keeps the permissions it was made with, also when the hub is reloaded`,
      );
    expect(told.filter((line) => !line.includes(`← ${ap}`))).toEqual([]);
    for (const region of [us, eu]) await renewLinks(examined.installation, region, new AbortController().signal);
    // What the new region wrote while nobody heard it is lost to a copy now and then; doctor says so, and its remedy helps.
    const left = await examined.wrong();
    for (const line of left) expect(line).toMatch(new RegExp(`^(${us}|${eu}) ← ${ap}: the copy of .* it was made anew`));
    for (const region of [us, eu].filter((one) => left.some((line) => line.startsWith(one))))
      await rebuildCopies(examined.installation, region, {}, () => undefined);
    if (left.length > 0) expect(await examined.wrong()).toEqual([]);
  });
});
