import { CONSUMERS, type Endpoint, type EventId, newJobId, streamNames } from '@waybill/contracts';
import { eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REGION, TestRegion } from './testing/region.ts';

let region: TestRegion;
let receiver: Receiver;
/** How often the receiver refuses an event before it takes it. */
let refusals: Map<string, number>;

beforeAll(async () => {
  region = await TestRegion.start();
});
afterAll(() => region.stop());
beforeEach(async () => {
  refusals = new Map();
  receiver = await startReceiver({
    answer: ({ body }, response) => {
      const left = refusals.get(body) ?? 0;
      refusals.set(body, left - 1);
      response.writeHead(left > 0 ? 500 : 204).end();
    },
  });
});
afterEach(async () => {
  await region.stopDispatchers();
  await receiver.close();
});

let accepted = 0;
const planned = (endpoint: Endpoint, orderingKey: string, n: number): Promise<EventId> =>
  region.plan([endpoint], `"${orderingKey}${n}"`, { orderingKey, acceptedSeq: (accepted += 1) });
const got = (key: string): string[] => receiver.requests.map(({ body }) => body).filter((body) => body.startsWith(`"${key}`));
const fifo = (retrySchedule: number[]): Promise<Endpoint> => region.endpoint(receiver.url, { ordering: 'fifo', retrySchedule });
const nothingLeft = async (): Promise<boolean> => (await region.bus.jsm.streams.info(streamNames(REGION).retry)).state.messages === 0;

describe('deliveries of one ordering key', () => {
  it('go in order across retries and a restart, and hold no other key up', async () => {
    const first = await region.dispatcher();
    const endpoint = await fifo([2, 2, 2]);
    refusals.set('"a1"', 2);
    for (const n of [1, 2, 3]) {
      await planned(endpoint, 'a', n);
      await planned(endpoint, 'b', n);
    }
    await eventually(() => got('b').length === 3 && got('a').length >= 1);
    expect(new Set(got('a'))).toEqual(new Set(['"a1"']));
    await first.close();
    // What is new arrives before the schedules of the old ones fire.
    await region.dispatcher();
    await planned(endpoint, 'a', 4);
    await planned(endpoint, 'b', 4);
    await eventually(nothingLeft, 40_000);
    expect(got('a')).toEqual(['"a1"', '"a1"', '"a1"', '"a2"', '"a3"', '"a4"']);
    expect(got('b')).toEqual(['"b1"', '"b2"', '"b3"', '"b4"']);
  });

  it('wait for one that was handed out to a process that died', async () => {
    const endpoint = await fifo([2]);
    await planned(endpoint, 'e', 1);
    const consumer = await region.bus.js.consumers.get(streamNames(REGION).log, CONSUMERS.dispatcherPlans);
    // It comes again later, as it does when its time to be acked is over.
    (await consumer.next())?.nak(2_000);
    await planned(endpoint, 'e', 2);
    await region.dispatcher();
    await planned(endpoint, 'f', 1);
    await eventually(() => got('e').length === 2, 40_000);
    expect(receiver.requests.map(({ body }) => body)).toEqual(['"f1"', '"e1"', '"e2"']);
  });

  it('go on when an operator skips the first one, or has it tried now', async () => {
    await region.dispatcher();
    const endpoint = await fifo([3_600, 3_600]);
    for (const body of ['"c1"', '"c2"']) refusals.set(body, 1);
    const skipped = await planned(endpoint, 'c', 1);
    const retried = await planned(endpoint, 'c', 2);
    await planned(endpoint, 'c', 3);
    await eventually(async () => (await region.attempts(skipped)).length === 1);
    await region.instruct('skip', skipped, endpoint);
    await eventually(async () => (await region.attempts(retried)).length === 1, 30_000);
    expect(await region.refusals(skipped)).toMatchObject([{ next: { kind: 'dead_lettered', reason: 'skipped' } }]);
    expect(got('c')).toEqual(['"c1"', '"c2"']);
    await region.instruct('retry', retried, endpoint);
    await eventually(nothingLeft, 40_000);
    expect(got('c')).toEqual(['"c1"', '"c2"', '"c2"', '"c3"']);
  });
});

it('what a job sends again says so, and waits for nobody', async () => {
  await region.dispatcher();
  const endpoint = await fifo([3_600]);
  refusals.set('"d1"', 1);
  await planned(endpoint, 'd', 1);
  await eventually(() => got('d').length === 1);
  const jobId = newJobId(Date.now(), new Uint8Array(10));
  await region.plan([endpoint], '"d2"', { orderingKey: 'd', acceptedSeq: 99, replay: { jobId, kind: 'replay' } });
  await eventually(() => got('d').length === 2);
  expect(receiver.requests.map(({ headers }) => headers['waybill-replay'])).toEqual([undefined, jobId]);
});
