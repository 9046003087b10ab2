import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { sendProblem, toWaybillError } from '@waybill/runtime';
import { fastify as makeFastify } from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { boundBodies } from './bound-bodies.ts';

const MIB = 1_048_576;
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

/** A server that takes 4 MiB at once; `post` begins a request and ends it when told. */
async function serve() {
  const fastify = makeFastify({ bodyLimit: 3 * MIB, forceCloseConnections: true });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.setErrorHandler((error, _request, reply) => sendProblem(reply, toWaybillError(error)));
  boundBodies(fastify, { maxBodyBytes: 3 * MIB, atOnceBytes: 4 * MIB });
  let received = 0;
  fastify.addHook('preParsing', (_request, _reply, payload, done) => {
    payload.on('data', ({ length }: Buffer) => (received += length));
    done(null, payload);
  });
  for (const url of ['/webhooks/:id', '/v1/tenants/:tenantId/events', '/v1/sources'])
    fastify.post(url, async ({ body }) => ({ length: Buffer.isBuffer(body) ? body.length : 0 }));
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  open.push(() => fastify.close());
  const address = fastify.server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const begin = async (head: string): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    open.push(async () => socket.destroy());
    await once(socket, 'connect');
    socket.write(`POST /webhooks/a HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n`);
    return socket;
  };
  const post = async (path: string, bytes: number) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: new Uint8Array(bytes) });
    return [answer.status, await answer.json()];
  };
  return { begin, post, received: () => received };
}

describe('large bodies that come in at once', () => {
  it('are refused when they would be too many, and taken again when the others are gone', async () => {
    const { begin, post } = await serve();
    const first = await begin(`content-length: ${3 * MIB}`);
    await vi.waitFor(async () => expect((await post('/webhooks/a', 2 * MIB))[0]).toBe(503), { timeout: 30_000 });
    expect(await post('/webhooks/a', 2 * MIB)).toEqual([503, expect.objectContaining({ code: 'WB_NOT_READY', retryAfterSeconds: 1 })]);
    expect(await post('/webhooks/a', 200_000)).toEqual([200, { length: 200_000 }]);
    first.destroy();
    await vi.waitFor(async () => expect(await post('/webhooks/a', 2 * MIB)).toEqual([200, { length: 2 * MIB }]), { timeout: 30_000 });
  });

  it('are counted as they come when they do not say how long they are', async () => {
    const { begin, post, received } = await serve();
    const chunk = `${(100_000).toString(16)}\r\n${'x'.repeat(100_000)}\r\n`;
    const first = await begin('transfer-encoding: chunked');
    first.write(chunk.repeat(26));
    await vi.waitFor(() => expect(received()).toBe(2_600_000), { timeout: 30_000 });
    expect((await post('/webhooks/a', 2 * MIB))[0]).toBe(503);
    const second = await begin('transfer-encoding: chunked');
    const closed = new Promise((resolve) => second.once('close', resolve));
    // An end behind an answer that nobody reads is never told.
    second.resume();
    second.write(chunk.repeat(20));
    await closed;
    first.write('0\r\n\r\n');
    const [answer] = await once(first, 'data');
    expect(String(answer)).toContain('200 OK');
  });

  it('are no larger than a mebibyte where a command is expected', async () => {
    const { post } = await serve();
    expect((await post('/v1/sources', MIB + 1))[0]).toBe(413);
    expect((await post('/v1/tenants/a/events', MIB + 1))[0]).toBe(200);
  });
});
