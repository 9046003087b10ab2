import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, LiveReader } from '@waybill/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type IngressUnderTest, KEY, startUnderTest } from './testing/ingress-under-test.ts';

/** One who follows, as the projector sees it. */
interface Follower {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

let projector: Server;
let ingress: IngressUnderTest;
let followers: Follower[] = [];
let status = 200;
const readers: LiveReader[] = [];

beforeAll(async () => {
  projector = createServer((request, response) => {
    if (request.url?.startsWith('/v1/live') !== true) return void response.end('{}');
    response.on('error', () => undefined);
    response.writeHead(status, { 'content-type': status === 200 ? 'text/event-stream' : 'application/problem+json' });
    if (status !== 200) return void response.end('{"code":"WB_LIVE_FULL"}');
    response.write('id: 7\n\n');
    // It never falls silent, so that nothing ends by itself.
    const alive = setInterval(() => response.write(':\n\n'), 2_000);
    response.once('close', () => clearInterval(alive));
    followers.push({ request, response });
  }).listen(0, '127.0.0.1');
  await once(projector, 'listening');
  const address = projector.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  ingress = await startUnderTest({ PROJECTOR_URL: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  projector.closeAllConnections();
  projector.close();
  await ingress.cleanup();
});
beforeEach(() => {
  followers = [];
  status = 200;
});
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

/** Follows with the management key, and gives what the projector sees of it. */
async function follow(path = '/v1/live', headers: Record<string, string> = {}): Promise<{ reader: LiveReader; upstream: Follower }> {
  const before = followers.length;
  const reader = await LiveReader.open(ingress.url + path, { authorization: `Bearer ${KEY}`, ...headers });
  readers.push(reader);
  await eventually(() => followers.length > before);
  const upstream = followers[before];
  if (upstream === undefined) throw new Error('nobody came');
  return { reader, upstream };
}

const change = (n: number, filler = ''): string => `id: ${n}\nevent: change\ndata: ${JSON.stringify({ n, filler })}\n\n`;
const isGone = ({ response }: Follower) => eventually(() => response.destroyed);

it('passes on what the projector tells, as it comes, and where the client had come to', async () => {
  const { reader, upstream } = await follow('/v1/live?lastEventId=3.1', { 'last-event-id': '5.0' });
  expect(upstream.request.url).toBe('/v1/live?lastEventId=5.0');
  expect(upstream.request.headers.authorization).toBeUndefined();
  expect(reader.status.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  await reader.until(({ lastId }) => lastId === '7');
  upstream.response.write(change(8));
  await reader.until(({ events }) => events.length === 1);
  expect(reader.events).toEqual([{ event: 'change', data: { n: 8, filler: '' }, id: '8' }]);
  expect((await follow('/v1/live?lastEventId=3.1')).upstream.request.url).toBe('/v1/live?lastEventId=3.1');
});

it('lets nobody in without a key, and answers as the projector does when that has no stream', async () => {
  await expect(LiveReader.open(`${ingress.url}/v1/live`)).rejects.toThrow(/^401 .*WB_UNAUTHORIZED/);
  status = 503;
  await expect(follow()).rejects.toThrow('503 {"code":"WB_LIVE_FULL"}');
  expect((await fetch(`${ingress.url}/v1/live`, { method: 'HEAD', headers: { authorization: `Bearer ${KEY}` } })).status).toBe(200);
});

it('leaves the projector when the client goes, and ends when the projector does', async () => {
  const { reader, upstream } = await follow();
  reader.close();
  await isGone(upstream);
  const other = await follow();
  other.upstream.response.destroy();
  await other.reader.until(({ status: { hasEnded } }) => hasEnded);
});

it('drops a client that does not read, and keeps the others', async () => {
  const [slow, quick] = [await follow(), await follow()];
  slow.reader.stall();
  const filler = 'x'.repeat(60_000);
  for (let n = 0; !slow.upstream.response.destroyed && n < 2_000; n += 1) {
    slow.upstream.response.write(change(n, filler));
    await delay(1);
  }
  await isGone(slow.upstream);
  quick.upstream.response.write(change(1));
  await quick.reader.until(({ events }) => events.length === 1);
});

it('does not hold a stop up, and lets everybody come back to the next one', async () => {
  const many = await Promise.all(
    Array.from({ length: 20 }, () => LiveReader.open(`${ingress.url}/v1/live`, { authorization: `Bearer ${KEY}` })),
  );
  many[0]?.stall();
  await ingress.restart();
  for (const reader of many.slice(1)) await reader.until(({ status: { hasEnded } }) => hasEnded);
  many[0]?.close();
  for (const upstream of followers) await isGone(upstream);
  const { reader } = await follow();
  await reader.until(({ lastId }) => lastId === '7');
});
