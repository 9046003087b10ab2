import { readFileSync } from 'node:fs';
import { eventually } from '@waybill/testkit';
import { afterEach, expect, it } from 'vitest';
import { type IngressUnderTest, type Reply, startUnderTest } from './testing/ingress-under-test.ts';

let ingress: IngressUnderTest;
afterEach(() => ingress.cleanup());

const send = (data: unknown, headers: Record<string, string> = {}): Promise<Reply> =>
  ingress.call('POST', '/v1/tenants/acme/events', { eventType: 'order.paid', data }, headers);
const readiness = async (): Promise<Reply> => ingress.call('GET', '/health/ready');

it('answers 503 within 2 s while NATS is away, says so, and recovers by itself', async () => {
  ingress = await startUnderTest();
  await ingress.call('PUT', '/v1/tenants/acme', {});
  const { body: accepted } = await send(1, { 'idempotency-key': 'k' });
  await ingress.nats.kill();

  for (const headers of [{}, { 'idempotency-key': 'k' }, { 'idempotency-key': 'new' }]) {
    const startedAt = performance.now();
    const reply = await send(1, headers);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect([reply.status, reply.body['code']]).toEqual([503, 'WB_NATS_AWAY']);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await ingress.call('PUT', '/v1/tenants/new', {})).body).toMatchObject({ status: 503, code: 'WB_NATS_AWAY' });
  expect((await readiness()).body).toMatchObject({ status: 'not_ready', dependencies: { nats: { ok: false } } });
  expect((await ingress.call('GET', '/health/live')).status).toBe(200);

  await ingress.nats.restart();
  await eventually(async () => (await readiness()).status === 200);
  expect((await send(2)).status).toBe(202);
  expect((await send(1, { 'idempotency-key': 'k' })).body).toEqual({ ...accepted, duplicate: true });
});

/** A process on another core goes on for a moment after the signal. */
async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await eventually(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T '));
}

it('answers 503 within 2 s while NATS hangs, and the event is stored once in the end', async () => {
  ingress = await startUnderTest();
  await ingress.call('PUT', '/v1/tenants/acme', {});
  await freeze(ingress.nats.pid);
  const startedAt = performance.now();
  const reply = await send(1, { 'idempotency-key': 'k' });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(reply.body).toMatchObject({ status: 503, code: 'WB_NATS_AWAY' });
  process.kill(ingress.nats.pid, 'SIGCONT');
  await eventually(async () => (await send(1, { 'idempotency-key': 'k' })).status === 202);
  await eventually(async () => (await ingress.stored()) === 1);
});

it('an event whose ack was lost is the same event when it is sent again', async () => {
  ingress = await startUnderTest();
  await ingress.call('PUT', '/v1/tenants/acme', {});
  const requests = Array.from({ length: 40 }, (_, n) => ({ 'idempotency-key': `k${n}` }));
  const underWay = requests.map((headers) => send(1, headers));
  await ingress.nats.kill();
  const replies = await Promise.all(underWay);
  expect(replies.filter(({ status }) => status !== 202 && status !== 503)).toEqual([]);
  await ingress.nats.restart();
  await eventually(async () => (await readiness()).status === 200);
  const again = await Promise.all(requests.map((headers) => send(1, headers)));
  expect(again.every(({ status }) => status === 202)).toBe(true);
  for (const [n, { body }] of again.entries()) {
    if (replies[n]?.status === 202) expect(body).toEqual({ id: replies[n]?.body['id'], duplicate: true });
  }
  expect(await ingress.stored()).toBe(requests.length);
});

it('answers 503 when the LOG is full, and stores nothing of what it refused', async () => {
  ingress = await startUnderTest({}, { topology: { logMaxBytes: 20_000 } });
  await ingress.call('PUT', '/v1/tenants/acme', {});
  const filler = 'x'.repeat(2_000);
  await eventually(async () => (await send(filler)).status !== 202);
  const before = await ingress.stored();
  const refused = await send(filler, { 'idempotency-key': 'full' });
  expect(refused.body).toMatchObject({ status: 503, code: 'WB_LOG_FULL' });
  expect(refused.headers.get('retry-after')).toBe('30');
  expect((await send(filler, { 'idempotency-key': 'full' })).body).toMatchObject({ code: 'WB_LOG_FULL' });
  expect(await ingress.stored()).toBe(before);
});

it('limits the webhooks of one source, once they are verified', async () => {
  ingress = await startUnderTest({ WEBHOOK_RATE_LIMIT_PER_MINUTE: '3', ALLOW_UNVERIFIED_SOURCES: 'true' });
  await ingress.call('PUT', '/v1/tenants/acme', {});
  for (const id of ['open', 'other']) await ingress.call('POST', '/v1/sources', { id, tenantId: 'acme', verification: { kind: 'none' } });
  const hook = (id: string): Promise<Reply> => ingress.call('POST', `/webhooks/${id}`, { a: 1 });
  for (let n = 0; n < 3; n += 1) expect((await hook('open')).status).toBe(202);
  const limited = await hook('open');
  expect(limited.body).toMatchObject({ status: 429, code: 'WB_RATE_LIMITED' });
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await hook('other')).status).toBe(202);
  expect(await ingress.stored()).toBe(4);
});
