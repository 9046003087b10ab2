import { controlKeys, deliveryIdOf, type EndpointId, regionRecordSchema, streamNames, subjects } from '@waybill/contracts';
import { HUB } from '@waybill/nats-server';
import { eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { ControlBucket } from '@waybill/transport';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { busAs, LinkedRegions, US } from './testing/linked-regions.ts';

let regions: LinkedRegions;
let receiver: Receiver;

beforeAll(async () => {
  regions = await LinkedRegions.start();
});
afterAll(() => regions.stop());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await regions.stopDispatchers();
  await receiver.close();
});

const requestsOf = (eventId: string) => receiver.requests.filter(({ headers }) => headers['webhook-id'] === eventId);
const arrived = (eventId: string) => eventually(() => requestsOf(eventId).length > 0);
const settled = () =>
  eventually(async () => {
    const { looking } = regions.at(US);
    const { state } = await looking.jsm.streams.info(streamNames(US).retry, { subjects_filter: '>' });
    return state.messages === 0;
  }, 40_000);

describe('a region without a lease, where others take over unasked', () => {
  it('cuts off and begins nothing for tenants that may fail over, and delivers for all others', async () => {
    const [movable, pinned] = [await regions.tenant(US, receiver.url), await regions.tenant(US, receiver.url, { home: US, failover: [] })];
    const strict = await regions.tenant(US, receiver.url, { home: US, residency: 'strict' });
    await regions.dispatcher({ FAILOVER_ENABLED: 'true', REQUEST_TIMEOUT_MS: '60000' });
    await arrived(await regions.plan(US, movable));
    const release = Promise.withResolvers<void>();
    receiver.answerWith(async (_request, response) => {
      await release.promise;
      response.end();
    });
    const [cut, running] = [await regions.plan(US, movable), await regions.plan(US, strict)];
    await arrived(cut);
    await arrived(running);
    const hub = regions.servers.servers(HUB);
    await Promise.all(hub.map((node) => node.kill()));
    await eventually(async () => (await regions.attempts(US, cut)).length === 1, 40_000);
    expect(await regions.attempts(US, cut)).toMatchObject([
      { attempt: 1, outcome: { kind: 'retryable', reason: 'fenced' }, next: { kind: 'retry' } },
    ]);
    receiver.answerWith((_request, response) => void response.writeHead(204).end());
    const waiting = await regions.plan(US, movable);
    const goingOn = await Promise.all([regions.plan(US, pinned), regions.plan(US, strict)]);
    for (const eventId of goingOn) await arrived(eventId);
    // Longer than a plan is given back and than the retry of what was cut off waits: both are in RETRY by then, and go on being put off.
    const [endpointId = '' as EndpointId] = movable.endpoints;
    await eventually(async () => {
      const subject = subjects.retrySchedule(US, deliveryIdOf(waiting, endpointId));
      return (await regions.at(US).looking.jsm.direct.getMessage(streamNames(US).retry, { last_by_subj: subject })) !== null;
    });
    expect([requestsOf(waiting).length, requestsOf(cut).length, (await regions.attempts(US, running)).length]).toEqual([0, 1, 0]);
    release.resolve();
    await Promise.all(hub.map((node) => node.restart()));
    await arrived(waiting);
    await settled();
    expect((await regions.attempts(US, cut)).map(({ attempt, next }) => `${attempt} ${next.kind}`)).toEqual(['1 retry', '2 delivered']);
    expect((await regions.attempts(US, waiting)).map(({ attempt, next }) => `${attempt} ${next.kind}`)).toEqual(['1 delivered']);
  });
});

describe('a region whose work another one has', () => {
  it('delivers nothing that may fail over until it is given its first share, whether or not others take over unasked', async () => {
    const looking = await busAs(regions.servers, US, 'ingress');
    const bucket = new ControlBucket(looking, HUB);
    const setState = async (state: 'failed' | 'recovering' | 'active', share: number) => {
      for (;;) {
        const entry = await bucket.get(controlKeys.region(US));
        const record = regionRecordSchema.parse(entry?.value);
        const next = { ...record, state, share, epoch: record.epoch + 1, how: 'manual' };
        if (
          await bucket.update(controlKeys.region(US), next, entry?.revision ?? 0).then(
            () => true,
            () => false,
          )
        )
          return;
      }
    };
    // Nobody stands in, so that what waits is seen to wait.
    const { url } = await regions.dispatcher({ DISPATCHER_REGIONS: US });
    const movable = await regions.tenant(US, receiver.url);
    await arrived(await regions.plan(US, movable));
    await setState('failed', 0);
    const remark = async () => JSON.stringify(await (await fetch(`${url}/health/ready`)).json());
    await eventually(async () => (await remark()).includes('delivers only for tenants'));
    const strict = await regions.tenant(US, receiver.url, { home: US, residency: 'strict' });
    const waiting = await regions.plan(US, movable);
    await arrived(await regions.plan(US, strict));
    await setState('recovering', 0);
    await arrived(await regions.plan(US, strict));
    expect(requestsOf(waiting)).toEqual([]);
    await setState('recovering', 25);
    await arrived(waiting);
    await setState('active', 100);
    await looking.close();
  });
});
