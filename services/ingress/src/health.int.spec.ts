import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { streamNames } from '@waybill/contracts';
import { connectBus } from '@waybill/transport';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type IngressUnderTest, REGION, type Reply, startUnderTest } from './testing/ingress-under-test.ts';

let projector: Server;
let ingress: IngressUnderTest;
const answer = { status: 200 };

beforeAll(async () => {
  projector = createServer((_, response) => response.writeHead(answer.status).end('{}')).listen(0, '127.0.0.1');
  await once(projector, 'listening');
  const address = projector.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  ingress = await startUnderTest({ PROJECTOR_URL: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await ingress.cleanup();
  projector.close();
});

const ready = (): Promise<Reply> => ingress.call('GET', '/health/ready');
/** Waits until a dependency is told to be like this, in an answer of this status. */
const saying = (dependency: string, state: { ok: boolean; detail?: unknown }, status: number): Promise<void> =>
  vi.waitFor(
    async () => {
      const { status: answered, body } = await ready();
      expect(answered).toBe(status);
      expect(body['dependencies']).toMatchObject({ [dependency]: state });
    },
    { timeout: 30_000, interval: 50 },
  );

it('names each thing that the ingress depends on', async () => {
  await saying('projector', { ok: true }, 200);
  const { body } = await ready();
  expect(Object.keys(Object(body['dependencies']))).toEqual(
    expect.arrayContaining(['nats', 'log', 'registry', 'idempotency index', 'jobs', 'projector']),
  );
});

it('is ready without the projector, and says that it is away', async () => {
  answer.status = 503;
  await saying('projector', { ok: false, detail: expect.stringContaining('not ready') }, 200);
  projector.close();
  projector.closeAllConnections();
  await saying('projector', { ok: false, detail: expect.stringContaining('events are still accepted') }, 200);
});

it('says what to set up where no trace is kept', async () => {
  expect(await ingress.call('GET', '/v1/traces/evt_01m7zqv60kccq42gbnp3gs3awq')).toMatchObject({
    status: 404,
    body: { code: 'WB_TRACES_OFF', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });
});

it('is not ready without its LOG, and says what to do', async () => {
  const bus = await connectBus({ servers: ingress.nats.url, name: 'test' });
  await bus.jsm.streams.delete(streamNames(REGION).log);
  await bus.close();
  await saying('log', { ok: false, detail: expect.stringContaining('run "waybill provision"') }, 503);
});
