import { createServer, type Server } from 'node:http';
import { type Bodies, isSigned, openBodies, PEER_HEADERS } from '@waybill/bodies';
import { bodyBuckets, type EventId, type Scope, streamNames } from '@waybill/contracts';
import { eventually, type ReceivedRequest, type Receiver, startReceiver, testLogger } from '@waybill/testkit';
import { type Bus, Publisher, scanStream } from '@waybill/transport';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { busAs, EU, LinkedRegions, type LinkedRegion, US } from './testing/linked-regions.ts';

const MIB = 1_048_576;
const SHARED_KEY = 'a-key-that-all-regions-share';

/** The route of an ingress that gives large payloads to other regions. */
class Giving {
  readonly #bodies: Bodies;
  readonly #region: string;
  #server: Server | undefined;
  asked = 0;

  constructor(bodies: Bodies, region: string) {
    this.#bodies = bodies;
    this.#region = region;
  }

  async open(port = 0): Promise<number> {
    const server = createServer((request, response) => {
      const sha256 = request.url?.split('/').at(-1) ?? '';
      const header = (name: string): string | undefined => request.headersDistinct[name]?.[0];
      this.asked += 1;
      if (!isSigned(SHARED_KEY, { sha256, to: this.#region, header }, Date.now())) return void response.writeHead(401).end();
      void this.#bodies.give(sha256).then((held) => {
        if (held === undefined) response.writeHead(404, { [PEER_HEADERS.body]: 'absent' }).end();
        else response.end(held.body, held.release);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

let regions: LinkedRegions;
let receiver: Receiver;
let ingress: Bus;
let publisher: Publisher;
let bodies: Bodies;
let giving: Giving;
let port: number;

async function announce(region: LinkedRegion, url: string): Promise<void> {
  await regions.at(region).writer.put('region', [region], { id: region, url, updatedAt: new Date().toISOString() });
}

beforeAll(async () => {
  regions = await LinkedRegions.start();
  ingress = await busAs(regions.servers, US, 'ingress');
  publisher = new Publisher(ingress);
  const common = { bus: ingress, region: US, peers: [EU], key: undefined, urlOf: () => undefined, logger: testLogger() };
  bodies = openBodies({ ...common, publish: publisher.publish, maxBytesInMemory: 100 * MIB, nowMs: () => Date.now() });
  giving = new Giving(bodies, US);
  port = await giving.open();
  await announce(US, `http://127.0.0.1:${port}`);
});
afterAll(async () => {
  await giving.close();
  publisher.close();
  await ingress.close();
  await regions.stop();
});
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await regions.stopDispatchers();
  await receiver.close();
});

const start = () => regions.dispatcher({ REGION_SHARED_KEY: SHARED_KEY });
const arrival = async (eventId: EventId): Promise<ReceivedRequest> => {
  const find = () => receiver.requests.find(({ headers }) => headers['webhook-id'] === eventId);
  await eventually(() => find() !== undefined, 30_000);
  const request = find();
  if (request === undefined) throw new Error('it did not arrive');
  return request;
};
/** JSON that would not survive being parsed and written again. */
const textOf = (mark: string, bytes: number): string =>
  `{"n":1.0,"big":12345678901234567890,  "mark":"${mark}","text":"${'é'.repeat(bytes / 2)}"}`;
const keep = (text: string, scope: Scope = 'g') => bodies.keep(Buffer.from(text), scope);
const healthOf = async (url: string): Promise<string> => (await fetch(`${url}/health/ready`)).text();

describe('a delivery whose payload lies in the body store', () => {
  it('of 20 MiB is sent byte by byte and signed, in its own region and in another, which keeps it', async () => {
    await start();
    const text = textOf('twenty', 20 * MIB);
    const acme = { ...(await regions.tenant(US, receiver.url)), bodyRef: await keep(text) };
    const endpoint = regions.at(US).registry.endpoint(acme.tenantId, acme.endpoints[0] ?? '');
    const webhook = new Webhook(endpoint?.secrets[0]?.key ?? '');
    const before = giving.asked;
    for (const deliverIn of [US, EU, EU]) {
      const { body, headers } = await arrival(await regions.plan(US, { ...acme, deliverIn }));
      expect(body === text).toBe(true);
      expect(() => webhook.verify(body, headers)).not.toThrow();
    }
    expect(giving.asked - before).toBe(1);
    const provisioner = await busAs(regions.servers, EU, 'provisioner');
    expect((await provisioner.jsm.streams.info(bodyBuckets(EU).copies.stream)).state.bytes).toBeGreaterThan(20 * MIB);
    await provisioner.close();
  });

  it('waits visibly while the region that has it cannot be asked, and is no dead letter', async () => {
    await giving.close();
    const { url } = await start();
    const text = textOf('later', MIB);
    const acme = { ...(await regions.tenant(US, receiver.url)), bodyRef: await keep(text) };
    const eventId = await regions.plan(US, { ...acme, deliverIn: EU });
    await eventually(async () => (await healthOf(url)).includes('waits for 1 large payloads: us does not answer'), 30_000);
    expect(await regions.attempts(EU, eventId)).toEqual([]);
    await giving.open(port);
    expect((await arrival(eventId)).body === text).toBe(true);
    await eventually(async () => !(await healthOf(url)).includes('large payloads'), 30_000);
    await eventually(async () => (await regions.attempts(EU, eventId)).length === 1, 30_000);
    expect(await regions.attempts(EU, eventId)).toMatchObject([{ attempt: 1, next: { kind: 'delivered' } }]);
  });

  it('ends as lost when it is gone for certain', async () => {
    await start();
    const strict = await regions.tenant(US, receiver.url, { home: US, residency: 'strict' });
    const { bytes, region } = await keep(textOf('kept', 1_000), 'l');
    const eventId = await regions.plan(US, { ...strict, bodyRef: { sha256: 'f'.repeat(64), bytes, region } });
    const ends: unknown[] = [];
    await eventually(async () => {
      ends.length = 0;
      const stream = streamNames(US).log;
      await scanStream(regions.at(US).looking, { stream, subjects: ['wb.*.*.delivery.refused'] }, ({ body }) => {
        ends.push(JSON.parse(Buffer.from(body).toString()));
      });
      return ends.length > 0;
    }, 30_000);
    expect(ends).toMatchObject([{ eventId, next: { kind: 'dead_lettered', reason: 'payload_lost' } }]);
    expect(receiver.requests).toEqual([]);
  });
});
