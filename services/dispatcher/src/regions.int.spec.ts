import { CONSUMERS, controlKeys, defaultEndpointId, regionReportSchema, streamNames } from '@waybill/contracts';
import { HUB } from '@waybill/nats-server';
import { eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { ControlBucket } from '@waybill/transport';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultEndpointSecret } from './domain/default-endpoint.ts';
import { busAs, EU, LinkedRegions, REGIONS, US } from './testing/linked-regions.ts';

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

const arrived = (eventId: string) => eventually(() => receiver.requests.some(({ headers }) => headers['webhook-id'] === eventId));

interface Report {
  readonly status: string;
  readonly dependencies: Readonly<Record<string, { ok: boolean; detail?: string }>>;
}
async function health(url: string): Promise<Report & { code: number }> {
  const response = await fetch(`${url}/health/ready`);
  return { code: response.status, ...((await response.json()) as Report) };
}
/** Waits until /metrics shows all of these. */
const shows = (url: string, ...wanted: readonly RegExp[]): Promise<void> =>
  eventually(async () => {
    const shown = await (await fetch(`${url}/metrics`)).text();
    return wanted.every((one) => one.test(shown));
  });
const isUp = (url: string, region: string) => eventually(async () => (await health(url)).dependencies[`region ${region}`]?.ok === true);

describe('two regions in one process', () => {
  it('deliver their own plans and those that other regions made for them', async () => {
    await regions.dispatcher();
    const acme = await regions.tenant(US, receiver.url);
    const [own, handedOn] = [await regions.plan(US, acme), await regions.plan(US, { ...acme, deliverIn: EU })];
    await arrived(own);
    await arrived(handedOn);
    await eventually(async () => (await regions.attempts(EU, handedOn)).length === 1);
    expect(await regions.attempts(US, own)).toMatchObject([{ region: US, scope: 'g', next: { kind: 'delivered' } }]);
    expect(await regions.attempts(EU, handedOn)).toMatchObject([{ region: EU, scope: 'g', next: { kind: 'delivered' } }]);
    expect(await regions.attempts(US, handedOn)).toEqual([]);
    await eventually(async () => (await regions.attempts(US, handedOn, streamNames(US).peers)).length === 1);
  });

  it('keep what they say about a strict tenant at home, retries included', async () => {
    await regions.dispatcher();
    receiver.answerWith((_request, response) => void response.writeHead(receiver.requests.length < 2 ? 503 : 204).end());
    const strict = await regions.tenant(US, receiver.url, { home: US, residency: 'strict' });
    const eventId = await regions.plan(US, strict);
    await eventually(async () => (await regions.attempts(US, eventId)).length === 2);
    expect(await regions.attempts(US, eventId)).toMatchObject([
      { scope: 'l', attempt: 1, next: { kind: 'retry' } },
      { scope: 'l', attempt: 2, next: { kind: 'delivered' } },
    ]);
    const marker = await regions.plan(US, await regions.tenant(US, receiver.url));
    await eventually(async () => (await regions.attempts(EU, marker, streamNames(EU).peers)).length === 1);
    expect(await regions.attempts(EU, eventId, streamNames(EU).peers)).toEqual([]);
  });

  it('retry a plan that another region made', async () => {
    await regions.dispatcher();
    receiver.answerWith((_request, response) => void response.writeHead(receiver.requests.length < 2 ? 503 : 204).end());
    const acme = await regions.tenant(US, receiver.url);
    const eventId = await regions.plan(US, { ...acme, deliverIn: EU });
    await eventually(async () => (await regions.attempts(EU, eventId)).length === 2);
    expect((await regions.attempts(EU, eventId)).map(({ next }) => next.kind)).toEqual(['retry', 'delivered']);
  });

  it('do nothing twice that other regions made for them when every ack was lost', async () => {
    const first = await regions.dispatcher();
    const acme = await regions.tenant(US, receiver.url);
    const before = await regions.plan(US, { ...acme, deliverIn: EU });
    await eventually(async () => (await regions.attempts(EU, before)).length === 1);
    await first.close();
    const provisioner = await busAs(regions.servers, EU, 'provisioner');
    await provisioner.jsm.consumers.delete(streamNames(EU).peers, CONSUMERS.dispatcherPeers);
    await provisioner.close();
    await regions.provision();
    await regions.dispatcher();
    await arrived(await regions.plan(US, { ...acme, deliverIn: EU }));
    expect(receiver.requests.filter(({ headers }) => headers['webhook-id'] === before)).toHaveLength(1);
  });

  it('deliver to their webhook_url what no endpoint of the tenant takes, signed, and never disable it', async () => {
    const key = regions.servers.login(US, 'dispatcher');
    await regions.dispatcher({ MAX_PROCESSING_RETRIES: '0' }, { [US]: { webhook_url: `${receiver.url}/default` } });
    receiver.answerWith((_request, response) => void response.writeHead(receiver.requests.length === 1 ? 410 : 204).end());
    const { tenantId } = await regions.tenant(US, receiver.url);
    const planned = { tenantId, endpoints: [defaultEndpointId(US)] };
    const [gone, taken] = [await regions.plan(US, planned), await regions.plan(US, planned)];
    await eventually(async () => (await regions.attempts(US, taken)).length === 1);
    const ends = [...(await regions.attempts(US, gone)), ...(await regions.attempts(US, taken))].map(({ next }) => next.kind);
    expect(ends.toSorted()).toEqual(['dead_lettered', 'delivered']);
    const secret = defaultEndpointSecret({ region: US, regionKey: `${key.user}:${key.pass}` });
    for (const { path, body, headers } of receiver.requests) {
      expect(path).toBe('/default');
      expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
    }
  });

  it('start no more attempts a second than their entry says', async () => {
    const acme = await regions.tenant(EU, receiver.url);
    const plans = await Promise.all(Array.from({ length: 12 }, () => regions.plan(EU, acme)));
    await regions.dispatcher({}, { [EU]: { rate_limit_per_second: 4 } });
    await receiver.waitFor(12);
    const attempts = async () => (await Promise.all(plans.map((plan) => regions.attempts(EU, plan)))).flat();
    await eventually(async () => (await attempts()).length === 12);
    // As the dispatcher began them: on a busy machine several arrive at once. 50 ms for what lies between the gate and that.
    const times = (await attempts()).map(({ at }) => Date.parse(at));
    for (const time of times) expect(times.filter((other) => other >= time && other < time + 950).length).toBeLessThanOrEqual(4);
  });

  it('tell each other how they do, and how far they are behind', async () => {
    const { url } = await regions.dispatcher();
    const looking = await busAs(regions.servers, EU, 'operator');
    const bucket = new ControlBucket(looking, HUB);
    const reportOf = async (region: string) => regionReportSchema.safeParse((await bucket.get(controlKeys.report(region)))?.value).data;
    for (const [region, peer] of [REGIONS, REGIONS.toReversed()]) {
      await eventually(async () => (await reportOf(region ?? ''))?.lagMs[peer ?? ''] !== undefined);
    }
    expect(await reportOf(US)).toMatchObject({ region: US, queueDepth: 0, spilling: false });
    await shows(
      url,
      /^waybill_replication_lag_seconds\{region="us",origin="eu"\} \d/m,
      /^waybill_lease_age_seconds\{region="eu"\} \d/m,
      /^waybill_region_state\{region="us",state="active"\} 1$/m,
      /^waybill_region_failover_events_total\{from="us",to="eu"\} 0$/m,
    );
    await looking.close();
  });
});

describe('a broken region in one process with another', () => {
  /** Everything planned in EU meanwhile is delivered at the first attempt and leaves nothing behind. */
  async function euDelivers() {
    const before = receiver.requests.length;
    const acme = await regions.tenant(EU, receiver.url);
    const eventIds = await Promise.all(Array.from({ length: 50 }, () => regions.plan(EU, acme)));
    await receiver.waitFor(before + 50);
    const { log } = streamNames(EU);
    const { looking } = regions.at(EU);
    await eventually(async () => {
      const { num_pending, num_ack_pending } = await looking.jsm.consumers.info(log, CONSUMERS.dispatcherPlans);
      return num_pending + num_ack_pending === 0;
    });
    const attempts = await Promise.all(eventIds.map((eventId) => regions.attempts(EU, eventId)));
    expect(attempts.flat().map(({ attempt, next }) => `${attempt} ${next.kind}`)).toEqual(Array.from({ length: 50 }, () => '1 delivered'));
  }

  async function euIsWell(url: string) {
    await euDelivers();
    expect(await health(url)).toMatchObject({
      code: 200,
      dependencies: { regions: { ok: true, detail: 'us does not deliver' }, 'region us': { ok: false }, 'region eu': { ok: true } },
    });
  }

  it('whose key is refused leaves the other alone, and says so', async () => {
    const { url } = await regions.dispatcher({}, { [US]: { key: 'dispatcher:wrong' } });
    await isUp(url, EU);
    await euIsWell(url);
    expect((await health(url)).dependencies['region us']?.detail).toContain('refuses the credentials');
  });

  it('whose streams are not provisioned is started again and again, and delivers when they are', async () => {
    const provisioner = await busAs(regions.servers, US, 'provisioner');
    await provisioner.jsm.consumers.delete(streamNames(US).log, CONSUMERS.dispatcherLocal);
    await provisioner.close();
    const { url } = await regions.dispatcher();
    await isUp(url, EU);
    await eventually(async () => (await health(url)).dependencies['region us']?.detail?.includes('started again within 2 s') === true);
    await euIsWell(url);
    await regions.provision();
    await isUp(url, US);
    await arrived(await regions.plan(US, await regions.tenant(US, receiver.url)));
  });

  it('whose server hangs leaves the other alone', async () => {
    const pid = regions.servers.servers(US)[0]?.running.pid ?? 0;
    const { url } = await regions.dispatcher();
    await isUp(url, US);
    await isUp(url, EU);
    process.kill(pid, 'SIGSTOP');
    try {
      await euDelivers();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await eventually(() => regions.at(US).looking.isUp());
  });

  it('whose server is away is waited for, whether it was there at the start or not', async () => {
    const [server] = regions.servers.servers(US);
    const acme = await regions.tenant(US, receiver.url);
    const { url } = await regions.dispatcher();
    await isUp(url, US);
    await isUp(url, EU);
    await server?.kill();
    await eventually(async () => (await health(url)).dependencies['region us']?.ok === false);
    await euIsWell(url);
    await shows(
      url,
      /^waybill_bus_connected\{region="us",service="dispatcher"\} 0$/m,
      /^waybill_bus_connected\{region="eu",service="dispatcher"\} 1$/m,
      /^waybill_consumer_pending\{region="eu",/m,
    );
    await regions.stopDispatchers();
    const again = await regions.dispatcher();
    await isUp(again.url, EU);
    await euIsWell(again.url);
    await server?.restart();
    await isUp(again.url, US);
    await eventually(() => regions.at(US).looking.isUp());
    await eventually(async () => {
      await regions.plan(US, acme).catch(() => undefined);
      return (await regions.attempts(US)).some(({ tenantId }) => tenantId === acme.tenantId);
    });
  });
});
