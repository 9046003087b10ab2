import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { liveClient } from './live-client.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Both ends of an answer that has begun. */
async function answering(): Promise<{ response: ServerResponse; received: IncomingMessage }> {
  const server = createServer().listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const asked = new Promise<ServerResponse>((resolve) => server.once('request', (_request, response: ServerResponse) => resolve(response)));
  const answered = new Promise<IncomingMessage>((resolve) => get({ port, agent: false }, resolve).on('error', () => undefined));
  const response = await asked;
  response.writeHead(200, { connection: 'close' }).flushHeaders();
  const received = await answered;
  received.on('error', () => undefined);
  return { response, received };
}

const chunk = new Uint8Array(100_000);

it('ends a client that takes less than it is sent, and keeps no more than a megabyte for it', async () => {
  const { response, received } = await answering();
  received.pause();
  const client = liveClient(response);
  let most = 0;
  for (let n = 0; n < 1_000 && !response.destroyed; n += 1) {
    client.send(chunk);
    most = Math.max(most, response.writableLength);
    await turn();
  }
  expect(response.destroyed).toBe(true);
  expect(most).toBeLessThan(1_300_000);
  // Whoever is gone may still be sent something.
  client.send(chunk);
  client.end();
});

it('keeps one that reads, and ends it when asked', async () => {
  const { response, received } = await answering();
  let bytes = 0;
  received.on('data', ({ length }: Buffer) => (bytes += length));
  const client = liveClient(response);
  for (let n = 1; n <= 15; n += 1) {
    client.send(chunk);
    await expect.poll(() => bytes, { timeout: 30_000, interval: 5 }).toBe(n * chunk.length);
  }
  const ended = once(received, 'end');
  client.end();
  await ended;
});

it('does not wait for one that reads nothing', async () => {
  const { response, received } = await answering();
  received.pause();
  const client = liveClient(response);
  while (response.writableLength === 0) {
    client.send(chunk);
    await turn();
  }
  client.end();
  expect(response.destroyed).toBe(true);
});
