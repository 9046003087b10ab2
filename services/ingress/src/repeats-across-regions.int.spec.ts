import { streamNames } from '@waybill/contracts';
import { eventually } from '@waybill/testkit';
import { rebuildPeers } from '@waybill/transport';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Reply } from './testing/ingress-under-test.ts';
import { EU, startTwoRegions, type TwoRegions, US } from './testing/two-regions.ts';

let regions: TwoRegions;
beforeAll(async () => {
  regions = await startTwoRegions();
  await regions.us('PUT', '/v1/tenants/acme', {});
  await eventually(async () => (await regions.eu('GET', '/v1/tenants/acme')).status === 200);
});
afterAll(() => regions.cleanup());

const send = (at: 'us' | 'eu', key: string, data: unknown = 1): Promise<Reply> =>
  regions[at]('POST', '/v1/tenants/acme/events', { eventType: 'order.paid', data }, { 'idempotency-key': key });
const storedInEu = async (): Promise<number> => (await regions.everythingIn(EU, 'log')).length;
const provisioners = () => Promise.all([US, EU].map(async (id) => ({ id, bus: await regions.bus(id, 'provisioner') })));
const NAME = 'idempotency index of other regions';

let batches = 0;
/** Resolves when the eu ingress knows all that us accepted before. Every key is asked for once: whoever asks too early makes it a key of its own. */
async function untilIndexed(): Promise<void> {
  const batch = (batches += 1);
  const there = await Promise.all(Array.from({ length: 300 }, (_, n) => send('us', `marker ${batch} ${n}`)));
  let n = 0;
  await eventually(async () => {
    const { body } = await send('eu', `marker ${batch} ${n}`);
    n += 1;
    return body['id'] === there[n - 1]?.body['id'];
  });
}

async function expectKnownInEu(key: string, id: unknown): Promise<void> {
  const before = await storedInEu();
  expect((await send('eu', key)).body).toEqual({ id, duplicate: true });
  expect((await send('eu', key, 'other')).body).toMatchObject({ code: 'WB_IDEMPOTENCY_MISMATCH', status: 422 });
  expect(await storedInEu()).toBe(before);
}

it('a request that is repeated at another region is the same event', async () => {
  const { body } = await send('us', 'k1');
  await untilIndexed();
  await expectKnownInEu('k1', body['id']);
});

it('also after a restart', async () => {
  const { body } = await send('us', 'k2');
  await untilIndexed();
  await regions.restart(EU);
  await untilIndexed();
  await expectKnownInEu('k2', body['id']);
});

it('the copies being away keeps nobody from accepting, and is told', async () => {
  const { body: here } = await send('eu', 'k3');
  const { body: there } = await send('us', 'k4');
  await untilIndexed();
  const eu = await regions.bus(EU, 'provisioner');
  await eu.jsm.streams.delete(streamNames(EU).peers);
  const told = new RegExp(`"${NAME}":{"ok":true,"detail":"\\d+ s behind PEERS: `);
  await eventually(async () => told.test(JSON.stringify((await regions.eu('GET', '/health/ready')).body)));
  expect((await regions.eu('GET', '/health/ready')).status).toBe(200);
  expect((await send('eu', 'k3')).body).toEqual({ ...here, duplicate: true });
  expect((await send('eu', 'k5')).body).toMatchObject({ duplicate: false });

  // Made anew, the copies lie at other sequences: what was known of the old ones must not be taken for them.
  await rebuildPeers(await provisioners(), EU);
  // The copies may begin where they were before they begin anew, and then what is new comes before what is old.
  await eventually(async () => (await regions.everythingIn(EU, 'peers')).some((text) => text.includes(String(there['id']))));
  await untilIndexed();
  await expectKnownInEu('k4', there['id']);
  await expectKnownInEu('k3', here['id']);
});
