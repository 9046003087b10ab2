import { afterAll, beforeAll, expect, it } from 'vitest';
import { type IngressUnderTest, SECRET, startUnderTest } from './testing/ingress-under-test.ts';

let ingress: IngressUnderTest;
beforeAll(async () => {
  ingress = await startUnderTest();
  await ingress.call('PUT', '/v1/tenants/acme', {});
});
afterAll(() => ingress.cleanup());

it('accepts an event', async () => {
  const reply = await ingress.call('POST', '/v1/tenants/acme/events', { eventType: 'order.paid', data: { total: 1 } });
  expect(reply.body).toEqual({ id: expect.stringMatching(/^evt_/), duplicate: false });
  expect(reply.status).toBe(202);
  expect(SECRET).toBeTruthy();
});
