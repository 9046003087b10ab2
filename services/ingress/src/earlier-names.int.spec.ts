import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type IngressUnderTest, startUnderTest } from './testing/ingress-under-test.ts';

let ingress: IngressUnderTest | undefined;
afterEach(() => ingress?.cleanup());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

it('takes the variables of earlier setups, each with its effect', async () => {
  const port = await freePort();
  ingress = await startUnderTest({
    APP_HOST: 'localhost',
    APP_PORT: String(port),
    LOG_LEVEL: 'silent',
    MANAGEMENT_API_KEY: 'the-key-of-before',
    WEBHOOK_RATE_LIMIT_PER_MINUTE: '1',
    ALLOW_UNVERIFIED_SOURCES: 'true',
  });
  const { call } = ingress;
  const key = { authorization: 'Bearer the-key-of-before' };
  expect(new URL(ingress.url).port).toBe(String(port));
  expect((await call('PUT', '/v1/tenants/acme', {})).status).toBe(401);
  expect((await call('PUT', '/v1/tenants/acme', {}, key)).status).toBe(201);
  await call('POST', '/v1/sources', { id: 'open', tenantId: 'acme', verification: { kind: 'none' } }, key);
  expect((await call('POST', '/webhooks/open', { a: 1 })).status).toBe(202);
  expect((await call('POST', '/webhooks/open', { a: 2 })).status).toBe(429);
});
