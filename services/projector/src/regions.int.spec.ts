import { CONSUMERS, streamNames } from '@waybill/contracts';
import { eventually, type LiveReader } from '@waybill/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SampleLog, sampleDeliveryId, sampleEventId } from './testing/sample-facts.ts';
import { sampleEndpoint } from './testing/sample-registry.ts';
import { type RegionId, TwoProjectors } from './testing/two-projectors.ts';
import { addEvents } from './testing/whole-events.ts';

const RETRY = { kind: 'retry', at: '2026-01-02T00:00:00.000Z' } as const;
const EXHAUSTED = { kind: 'dead_lettered', reason: 'attempts_exhausted' } as const;
const FIRST_OF_EU = 1_000;
const acceptedIn = (n: number): RegionId => (n < FIRST_OF_EU ? 'us' : 'eu');

const GITHUB = 'github:acme/api/cd.yml';

let both: TwoProjectors;
const us = new SampleLog('us', { acceptedIn });
const eu = new SampleLog('eu', { acceptedIn });
const strict = new SampleLog('us', { scope: 'l' });
beforeAll(async () => {
  both = await TwoProjectors.start();
  await Promise.all([both.startProjector('us'), both.startProjector('eu')]);
});
afterAll(() => both.stop());

const eventAt = async (region: RegionId, n: number) => (await both.get(region, `/v1/events/${sampleEventId(n)}`)).body;

describe('two regions', () => {
  it('are ready without peers, and pick PEERS up when they are joined', async () => {
    addEvents(us, 0, 20);
    addEvents(eu, FIRST_OF_EU, 20);
    await Promise.all([both.publish(us), both.publish(eu)]);
    await eventually(async () => (await both.get('us', '/health/ready')).status === 200);
    expect((await both.get('us', '/health/ready')).body).toMatchObject({
      dependencies: { 'projection of PEERS': { ok: true, detail: 'there are no peers' } },
    });
    await both.join();
    await both.sameWith(40);
  });

  it('hold the same after a mixed load, a stopped projector included, and one more than the other of strict tenants', async () => {
    await both.stopProjector('eu');
    const [fromUs, fromEu] = [us.messages.length, eu.messages.length];
    us.accepted(30);
    us.planned(30, ['ep_a', 'ep_b'], 'acme', 'us');
    us.planned(30, ['ep_c'], 'acme', 'eu');
    us.attempted(30, 'ep_a', 1, RETRY);
    us.attempted(30, 'ep_b', 1, EXHAUSTED);
    us.accepted(31);
    us.refused(31);
    eu.accepted(FIRST_OF_EU + 30);
    eu.refused(FIRST_OF_EU + 30);
    eu.changed('us', 'failed', 0);
    eu.claimed('us', [sampleDeliveryId(30, 'ep_a'), sampleDeliveryId(30, 'ep_b')]);
    eu.planned(31, ['ep_a']);
    eu.attempted(30, 'ep_a', 1, { kind: 'delivered' });
    eu.attempted(30, 'ep_b', 2, { kind: 'delivered' });
    eu.attempted(30, 'ep_c', 1, { kind: 'delivered' });
    for (let n = 0; n < 5; n += 1) eu.beat();
    us.attempted(30, 'ep_a', 2, { kind: 'delivered' });
    eu.closed('us');
    us.decided(31, [GITHUB], { denied: 1 });
    us.intended(31, GITHUB);
    us.settled(31, GITHUB, { kind: 'unknown', detail: 'no answer' });
    eu.settled(31, GITHUB, { kind: 'started', how: 'found', runId: '501' });
    eu.runEnded(31, GITHUB, { runId: '501' });
    eu.reported(31, { checkRunId: '9' });
    us.swept(0);
    eu.poison();
    eu.repeat(3);
    addEvents(strict, 500, 3, 'bank');
    await Promise.all([both.publish(us, fromUs), both.publish(eu, fromEu)]);
    await both.publish(strict);
    await both.register('us', 'endpoint.acme.ep_a', sampleEndpoint('ep_a'));
    await both.register('eu', 'endpoint.acme.ep_a', {
      ...sampleEndpoint('ep_a'),
      url: 'https://old.example',
      updatedAt: '2025-01-01T00:00:00.000Z',
    });
    await both.startProjector('eu');
    await both.sameWith(43);
    expect((await both.get('us', '/v1/events?tenantId=bank')).body['data']).toHaveLength(3);
    expect((await both.get('eu', '/v1/events?tenantId=bank')).body['data']).toEqual([]);
    const { tables } = await both.digest('eu');
    expect(tables).toMatchObject({
      dispatch: { rows: 1 },
      dispatch_target: { rows: 2 },
      dispatch_report: { rows: 1 },
      dispatch_sweep: { rows: 1 },
    });
    expect((await both.get('eu', `/v1/dispatches/${sampleEventId(31)}`)).body).toMatchObject({ state: 'done', region: 'us' });
    expect(tables).toMatchObject({ endpoint: { rows: 1 }, claim: { rows: 2 }, region_change: { rows: 3 } });
  });

  it('hold the same when one has rebuilt its read models from LOG and PEERS, and are found right by verifying', async () => {
    const built = async (region: RegionId) => {
      await eventually(async () => (await both.get(region, '/v1/projections')).body['build'] === null);
      return (await both.get(region, '/v1/projections')).body['last'];
    };
    const follower = await both.live('eu');
    expect((await both.post('eu', '/v1/projections/rebuild')).status).toBe(202);
    expect((await both.post('us', '/v1/projections/verify')).status).toBe(202);
    expect(await built('eu')).toMatchObject({ outcome: 'serving' });
    expect(await built('us')).toMatchObject({ outcome: 'compared', comparison: { differences: [] } });
    await both.sameWith(43);
    await follower.until((seen) => seen.of('reset').length === 1);
    follower.close();
  });

  it('show what happened to an event wherever it is asked for', async () => {
    for (const region of ['us', 'eu'] as const) {
      const story = await eventAt(region, 30);
      expect(story).toMatchObject({
        region: 'us',
        payload: 'present',
        data: { n: 30 },
        log: { stream: region === 'us' ? 'LOG_US' : 'PEERS_EU' },
      });
      expect(story['plans']).toMatchObject([
        { region: 'us', plannedIn: 'us', deliveries: 2 },
        { region: 'eu', plannedIn: 'us', deliveries: 1 },
      ]);
      const one = (endpointId: string) => expect.objectContaining({ endpointId, state: 'delivered', region: 'eu' });
      expect(story['deliveries']).toEqual(expect.arrayContaining(['ep_a', 'ep_b', 'ep_c'].map(one)));
      const taken = await both.get(region, `/v1/deliveries/${sampleDeliveryId(30, 'ep_b')}`);
      expect(taken.body).toMatchObject({
        takenOverBy: 'eu',
        takeover: { of: 'us', by: 'eu', epoch: 2 },
        history: [{ region: 'us' }, { region: 'eu' }],
      });
      expect((await both.get(region, '/v1/dead-letters?limit=250')).body['data']).not.toEqual(
        expect.arrayContaining([expect.objectContaining({ eventId: sampleEventId(30) })]),
      );
    }
  });

  it('tell what happened to the regions, newest first, in pages', async () => {
    for (const region of ['us', 'eu'] as const) {
      const first = (await both.get(region, '/v1/regions/history?limit=2&region=us')).body;
      expect(first['data']).toMatchObject([
        { kind: 'takeover.closed', region: 'us', by: 'eu', writtenIn: 'eu' },
        { kind: 'takeover.claimed', region: 'us', by: 'eu', deliveries: 2 },
      ]);
      const next = await both.get(region, `/v1/regions/history?limit=2&region=us&iterator=${String(first['iterator'])}`);
      expect(next.body).toMatchObject({ data: [{ kind: 'region.changed', region: 'us', state: 'failed', who: 'ann' }], done: true });
    }
  });

  it('are behind by nothing, though beats moved no checkpoint', async () => {
    const rows = expect.arrayContaining([
      expect.objectContaining({ stream: 'PEERS_US', lag: 0 }),
      expect.objectContaining({ stream: 'LOG_US', lag: 0 }),
    ]);
    const before = (await both.get('us', '/v1/stats/lag')).body['data'];
    expect(before).toEqual(rows);
    const from = eu.messages.length;
    for (let n = 0; n < 3; n += 1) eu.beat();
    const copies = await both.lastCopyIn('us');
    await both.publish(eu, from);
    await eventually(async () => (await both.lastCopyIn('us')) === copies + 3);
    await eventually(async () => {
      const { data } = (await both.get('us', '/v1/stats/lag')).body;
      return JSON.stringify(data).includes(`"stream":"PEERS_US","checkpoint":${copies},"lastSeq":${copies + 3},"lag":0`);
    });
  });

  it('tell those who follow what the other region did, also what they missed before a restart', async () => {
    const follower = await both.live('eu');
    const from = us.messages.length;
    addEvents(us, 60, 2);
    await both.publish(us, from);
    const isTold = (seen: LiveReader): boolean => [60, 61].every((n) => JSON.stringify(seen.of('change')).includes(sampleEventId(n)));
    await follower.until(isTold);
    const { id: before = '' } = follower.events[0] ?? {};
    follower.close();
    await both.stopProjector('eu');
    await both.startProjector('eu');
    const back = await both.live('eu', before);
    await back.until(isTold);
    expect(back.of('reset')).toEqual([]);
    back.close();
    await both.sameWith(45);
  });

  it('read PEERS again when it is made anew, count nothing twice, and find payloads at their new places', async () => {
    const before = await both.digest('eu');
    const { body: totals } = await both.get('eu', '/v1/stats/totals');
    const follower = await both.live('eu');
    await both.rebuildPeersOf('eu');
    const from = us.messages.length;
    addEvents(us, 40, 5);
    await both.publish(us, from);
    await both.sameWith(50);
    expect(before.tables['event']?.rows).toBe(45);
    expect((await both.get('eu', '/v1/stats/totals')).body['events']).toMatchObject({ total: numberIn(totals, 'events') + 5 });
    expect(await eventAt('eu', 30)).toMatchObject({ payload: 'present', data: { n: 30 } });
    // What it had before is no place in the new stream.
    await follower.until((seen) => seen.of('reset').length === 1);
    follower.close();
  });

  it('are ready while PEERS cannot be read, and say so', async () => {
    const provisioner = await both.as('eu', 'provisioner');
    await provisioner.jsm.consumers.delete(streamNames('eu').peers, CONSUMERS.projector);
    await eventually(async () => {
      const { status, body } = await both.get('eu', '/health/ready');
      return status === 200 && /PEERS":\{"ok":true,"detail":"waiting: /.test(JSON.stringify(body));
    });
    const from = us.messages.length;
    addEvents(us, 50, 1);
    await both.publish(us, from);
    await both.join();
    await both.sameWith(51);
  });
});

function numberIn(body: Record<string, unknown>, group: string): number {
  const found = /"total":(\d+)/.exec(JSON.stringify(body[group]));
  return Number(found?.[1]);
}
