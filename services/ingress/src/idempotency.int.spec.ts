import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { eventually } from '@waybill/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IngressUnderTest, type Reply, startUnderTest } from './testing/ingress-under-test.ts';

let ingress: IngressUnderTest;
beforeAll(async () => {
  ingress = await startUnderTest();
  for (const tenant of ['acme', 'other']) await ingress.call('PUT', `/v1/tenants/${tenant}`, {});
});
afterAll(() => ingress.cleanup());

const send = (key: string, data: unknown = { total: 1 }, tenant = 'acme'): Promise<Reply> =>
  ingress.call('POST', `/v1/tenants/${tenant}/events`, { eventType: 'order.paid', data }, { 'idempotency-key': key });
const indexFile = (): string => join(ingress.dataDir, 'ingress', 'idempotency.sqlite');
/** Sends again until the index on disk is what answers, then expects the same id and nothing new in the LOG. */
async function expectKnown(key: string, id: unknown): Promise<void> {
  const before = await ingress.stored();
  expect((await send(key)).body).toEqual({ id, duplicate: true });
  expect((await send(key, 'another body')).body).toMatchObject({ code: 'WB_IDEMPOTENCY_MISMATCH', status: 422 });
  expect(await ingress.stored()).toBe(before);
}

it('stores one event of twenty requests at once', async () => {
  const before = await ingress.stored();
  const replies = await Promise.all(Array.from({ length: 20 }, () => send('twenty')));
  expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
  expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1);
  expect(replies.filter(({ body }) => body['duplicate'] === false)).toHaveLength(1);
  expect(await ingress.stored()).toBe(before + 1);
});

it('keeps the keys of tenants apart', async () => {
  const [mine, theirs] = [await send('shared'), await send('shared', { total: 2 }, 'other')];
  expect(theirs.body['duplicate']).toBe(false);
  expect(theirs.body['id']).not.toBe(mine.body['id']);
});

it('without a key every event is a new one', async () => {
  const one = await ingress.call('POST', '/v1/tenants/acme/events', { eventType: 'a.b', data: 1 });
  const two = await ingress.call('POST', '/v1/tenants/acme/events', { eventType: 'a.b', data: 1 });
  expect(two.body).toMatchObject({ duplicate: false });
  expect(two.body['id']).not.toBe(one.body['id']);
});

it('knows webhooks by what the provider sends', async () => {
  const verification = { kind: 'hmac', secret: 'hush', header: 'X-Hub-Signature-256', prefix: 'sha256=' };
  await ingress.call('POST', '/v1/sources', { id: 'gh', tenantId: 'acme', verification });
  const deliver = (delivery: string, body: string): Promise<Reply> => {
    const signature = `sha256=${createHmac('sha256', 'hush').update(body).digest('hex')}`;
    return ingress.call('POST', '/webhooks/gh', body, {
      'x-github-delivery': delivery,
      'x-github-event': 'push',
      'x-hub-signature-256': signature,
    });
  };
  const first = await deliver('d-1', '{"ref":"main"}');
  expect(first.body).toMatchObject({ duplicate: false });
  expect((await deliver('d-1', '{"ref":"main"}')).body).toEqual({ ...first.body, duplicate: true });
  expect((await deliver('d-1', '{"ref":"other"}')).body).toMatchObject({ code: 'WB_IDEMPOTENCY_MISMATCH' });
  expect((await deliver('d-2', '{"ref":"main"}')).body).toMatchObject({ duplicate: false });
});

describe('the index on disk', () => {
  it('outlives a restart', async () => {
    const { body } = await send('restart');
    await ingress.restart();
    await expectKnown('restart', body['id']);
  });

  it('is made anew when the file is gone', async () => {
    const { body } = await send('gone');
    await ingress.restart({}, async () => rmSync(indexFile()));
    await expectKnown('gone', body['id']);
  });

  it('is made anew when the file is damaged', async () => {
    const { body } = await send('damaged');
    const damage = async (): Promise<void> => writeFileSync(indexFile(), readFileSync(indexFile()).fill(0x5a, 0, 100));
    await ingress.restart({}, damage);
    await expectKnown('damaged', body['id']);
  });
});

describe('a time to live of one second, shorter than the window of the stream', () => {
  it('frees the key again and again', async () => {
    await ingress.restart({ IDEMPOTENCY_TTL_SECONDS: '1' });
    const ids = new Set<unknown>();
    for (let round = 1; round <= 3; round += 1) {
      await eventually(async () => (await send('short', { round })).body['duplicate'] === false);
      const again = await send('short', { round });
      expect(again.body['duplicate']).toBe(true);
      ids.add(again.body['id']);
    }
    expect(ids.size).toBe(3);
    await ingress.restart();
  });
});
