import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { TenantId } from '@waybill/contracts';
import { answerStatus, startReceiver } from '@waybill/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { type EgressPolicy, parseAllowList } from '@waybill/egress';
import { DENIED_URLS, FORBIDDEN_ADDRESSES } from '@waybill/egress/vectors';
import type { CutOff, OnCutOff } from '../application/attempt-ports.ts';
import type { Resolve } from './http/guarded-connect.ts';
import { HttpTransport, type HttpTransportOptions } from './http/http-transport.ts';
import { TEST_CERTIFICATE } from './http/test-certificate.ts';
import { WebhookClient } from './webhook-client.ts';

const open: EgressPolicy = { guard: 'on', allowed: parseAllowList('loopback') };
const strict: EgressPolicy = { guard: 'on', allowed: [] };
const body = Buffer.from('{"n":1.0}');
const headers = ['content-type', 'application/json', 'webhook-id', 'evt_1'];

const uncut: OnCutOff = () => () => undefined;
const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanup.splice(0).toReversed()) await close();
});

const portOf = (server: { address(): AddressInfo | string | null }): number => (server.address() as AddressInfo).port;

async function listen<S extends Server | ReturnType<typeof createTcpServer>>(server: S): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return portOf(server);
}

const serve = (listener: RequestListener): Promise<number> => listen(createServer(listener));

function serveRaw(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    onConnection(socket);
  });
  cleanup.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  return listen(server);
}

function clientOf(url: string, options: Partial<HttpTransportOptions> = {}): WebhookClient {
  const policy = options.policy ?? open;
  const transport = new HttpTransport({ timeoutMs: 2_000, ...options, policy });
  cleanup.push(() => transport.close());
  return new WebhookClient({ tenantId: 'acme' as TenantId, region: 'local', url, policy, transport });
}

const send = (client: WebhookClient) => client.send(headers, body, uncut);

async function post(url: string, options?: Partial<HttpTransportOptions>) {
  const { phases: _timed, ...answer } = await send(clientOf(url, options));
  return answer;
}

describe('what a receiver may answer', () => {
  it('gets the body byte by byte, with path, query and headers', async () => {
    const receiver = await startReceiver({ answer: answerStatus(200, {}, 'thanks') });
    cleanup.push(() => receiver.close());
    expect(await post(`${receiver.url}/a%20b?x=1&y=%2F`)).toEqual({ kind: 'answered', status: 200, excerpt: 'thanks' });
    const sent = { method: 'POST', path: '/a%20b?x=1&y=%2F', body: '{"n":1.0}', headers: { 'webhook-id': 'evt_1', 'content-length': '9' } };
    expect(receiver.requests).toMatchObject([sent]);
  });

  it.each([200, 204, 301, 400, 410, 429, 500, 503])('%i is handed on with its Retry-After', async (status) => {
    const port = await serve((_request, response) => response.writeHead(status, { 'retry-after': '7' }).end());
    expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ kind: 'answered', status, retryAfter: '7' });
  });

  it('1xx before the answer are not the answer', async () => {
    const port = await serve((_request, response) => {
      response.writeProcessing();
      response.writeHead(202).end();
    });
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'answered', status: 202 });
  });

  it('a redirect to a private address is not followed', async () => {
    let followed = 0;
    const inner = await serve((_request, response) => response.end(String((followed += 1))));
    const port = await serve((_request, response) => response.writeHead(307, { location: `http://127.0.0.1:${inner}/` }).end());
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'answered', status: 307 });
    expect(followed).toBe(0);
  });

  it('keeps one KiB of a body as text without NUL', async () => {
    const port = await serve((_request, response) => response.end(`a\0${'b'.repeat(5_000)}`));
    const answer = await post(`http://127.0.0.1:${port}/`);
    expect(answer).toMatchObject({ kind: 'answered', status: 200, excerpt: `a\u{fffd}${'b'.repeat(1_022)}` });
  });
});

describe('receivers that misbehave', () => {
  const never = { timeoutMs: 300 };

  it('a body over the cap is cut off and the status counts', async () => {
    let closed: Promise<unknown> | undefined;
    const port = await serve((request, response) => {
      closed = new Promise((resolve) => request.socket.once('close', resolve));
      response.writeHead(200);
      const pump = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
        if (!response.destroyed) response.once('drain', pump);
      };
      pump();
    });
    expect(await post(`http://127.0.0.1:${port}/`, { timeoutMs: 10_000 })).toMatchObject({ kind: 'answered', status: 200 });
    await closed;
  });

  it('headers that never come are a timeout', async () => {
    const port = await serve(() => undefined);
    expect(await post(`http://127.0.0.1:${port}/`, never)).toMatchObject({ kind: 'failed', reason: 'timeout' });
  });

  it('headers that drip are a timeout', async () => {
    const port = await serveRaw((socket) => {
      const drip = setInterval(() => socket.write('x-a: b\r\n'), 50);
      socket.write('HTTP/1.1 200 OK\r\n');
      socket.once('close', () => clearInterval(drip));
    });
    expect(await post(`http://127.0.0.1:${port}/`, never)).toMatchObject({ kind: 'failed', reason: 'timeout' });
  });

  it('a body that drips is a timeout, for the limit covers it too', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'), 50);
      response.once('close', () => clearInterval(drip));
    });
    expect(await post(`http://127.0.0.1:${port}/`, never)).toMatchObject({ kind: 'failed', reason: 'timeout' });
  });

  it('a request that timed out while waiting for a connection is never sent', async () => {
    const paths: string[] = [];
    const port = await serve((request, response) => {
      paths.push(request.url ?? '');
      response.end();
    });
    const answer = Promise.withResolvers<{ address: string; family: number }[]>();
    const transport = new HttpTransport({ policy: open, timeoutMs: 300, connectionsPerOrigin: 1, resolve: () => answer.promise });
    cleanup.push(() => transport.close());
    const postTo = (path: string) => transport.post({ origin: `http://name.test:${port}`, path, headers, body, onCutOff: uncut });
    expect(await postTo('/late')).toMatchObject({ reason: 'timeout' });
    answer.resolve([{ address: '127.0.0.1', family: 4 }]);
    expect(await postTo('/next')).toMatchObject({ status: 200 });
    expect(paths).toEqual(['/next']);
  });

  it('an attempt that is cut off, with its connection closed', async () => {
    const closed = Promise.withResolvers<boolean>();
    const arrived = Promise.withResolvers<void>();
    const port = await serve((request) => {
      request.socket.on('close', () => closed.resolve(true));
      arrived.resolve();
    });
    const cuts = new Set<CutOff>();
    const onCutOff: OnCutOff = (cut) => {
      cuts.add(cut);
      return () => void cuts.delete(cut);
    };
    const answer = clientOf(`http://127.0.0.1:${port}/`).send(headers, body, onCutOff);
    await arrived.promise;
    for (const cut of cuts) cut();
    expect(await answer).toMatchObject({ kind: 'failed', reason: 'fenced' });
    expect([await closed.promise, cuts.size]).toEqual([true, 0]);
  });

  it('a refused connection', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'failed', reason: 'connection_failed' });
  });

  it('a reset before the answer', async () => {
    const port = await serveRaw((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'failed', reason: 'response_broken' });
  });

  it('a reset in the middle of the body, whatever the status said', async () => {
    const port = await serveRaw((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => socket.resetAndDestroy())),
    );
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'failed', reason: 'response_broken' });
  });

  it('something that is not HTTP', async () => {
    const port = await serveRaw((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n')));
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'failed', reason: 'response_broken' });
  });

  it('headers without end', async () => {
    const port = await serveRaw((socket) => socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}`)));
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'failed', reason: 'response_broken' });
  });

  it('plain HTTP where TLS was expected', async () => {
    const port = await serve((_request, response) => response.end());
    expect(await post(`https://127.0.0.1:${port}/`)).toMatchObject({ kind: 'failed', reason: 'tls_failed' });
  });

  it('a header that HTTP does not allow fails that request, not the process', async () => {
    const answer = await clientOf('http://127.0.0.1:9/').send(['bad name', 'x'], body, uncut);
    expect(answer).toMatchObject({ kind: 'failed', reason: 'connection_failed' });
  });
});

describe('TLS', () => {
  const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const serveTls = () =>
    listen(
      createTlsServer(TEST_CERTIFICATE, (request, response) =>
        response.end(String('servername' in request.socket && request.socket.servername)),
      ),
    );

  it('checks the certificate for the name, not for the address, and sends the name', async () => {
    const port = await serveTls();
    const answer = await post(`https://receiver.test:${port}/`, { resolve, ca: TEST_CERTIFICATE.cert });
    expect(answer).toEqual({ kind: 'answered', status: 200, excerpt: 'receiver.test' });
  });

  it('refuses a certificate nobody vouches for', async () => {
    const port = await serveTls();
    expect(await post(`https://receiver.test:${port}/`, { resolve })).toMatchObject({ kind: 'failed', reason: 'tls_failed' });
  });

  it('refuses a certificate for another name', async () => {
    const port = await serveTls();
    const answer = await post(`https://other.test:${port}/`, { resolve, ca: TEST_CERTIFICATE.cert });
    expect(answer).toMatchObject({ kind: 'failed', reason: 'tls_failed' });
  });
});

describe('the egress guard, through the whole client', () => {
  it.each(DENIED_URLS)('refuses %s without opening a connection', async (url) => {
    const unreachable: Resolve = () => Promise.reject(new Error('nothing may be resolved'));
    expect(await post(url, { policy: strict, resolve: unreachable })).toMatchObject({ kind: 'failed', reason: 'egress_denied' });
  });

  it('refuses every forbidden address that a name resolves to', async () => {
    for (const address of FORBIDDEN_ADDRESSES) {
      const answer = await post('http://name.test/', {
        policy: strict,
        resolve: async () => [{ address, family: address.includes(':') ? 6 : 4 }],
      });
      expect(answer, address).toMatchObject({ kind: 'failed', reason: 'egress_denied' });
    }
  });

  it('refuses a loopback receiver that is really there', async () => {
    let reached = 0;
    const port = await serve((_request, response) => response.end(String((reached += 1))));
    const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    expect(await post(`http://name.test:${port}/`, { policy: strict, resolve })).toMatchObject({ reason: 'egress_denied' });
    expect(reached).toBe(0);
  });

  it('refuses mixed answers as a whole', async () => {
    const port = await serve((_request, response) => response.end());
    const resolve: Resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    expect(await post(`http://name.test:${port}/`, { resolve })).toMatchObject({ reason: 'egress_denied' });
  });

  it('connects to the answer it judged, even when a second one would differ', async () => {
    const port = await serve((request, response) => response.end(request.socket.localAddress));
    let asked = 0;
    const rebinding: Resolve = async () => [{ address: (asked += 1) === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    const policy: EgressPolicy = { guard: 'on', allowed: parseAllowList('127.0.0.1') };
    expect(await post(`http://rebind.test:${port}/`, { policy, resolve: rebinding })).toMatchObject({ status: 200, excerpt: '127.0.0.1' });
    expect(asked).toBe(1);
  });

  it('judges anew with every connection', async () => {
    const port = await serve((_request, response) => response.writeHead(200, { connection: 'close' }).end());
    let asked = 0;
    const rebinding: Resolve = async () => [{ address: (asked += 1) === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    const client = clientOf(`http://rebind.test:${port}/`, { resolve: rebinding });
    expect(await client.send(headers, body, uncut)).toMatchObject({ status: 200 });
    expect(await client.send(headers, body, uncut)).toMatchObject({ reason: 'egress_denied' });
  });

  it('tells a name without address from one that is refused', async () => {
    expect(await post('http://name.test/', { resolve: async () => [] })).toMatchObject({ reason: 'dns_failed' });
    expect(await post('http://name.test/', { resolve: () => Promise.reject(new Error('SERVFAIL')) })).toMatchObject({
      reason: 'dns_failed',
    });
  });

  it('a resolver that hangs costs one attempt its time, and nothing else', async () => {
    const hanging: Resolve = () => new Promise(() => undefined);
    expect(await post('http://name.test/', { resolve: hanging, timeoutMs: 300 })).toMatchObject({ reason: 'timeout' });
  });

  it('can be switched off', async () => {
    const port = await serve((_request, response) => response.end());
    expect(await post(`http://localhost:${port}/`, { policy: { guard: 'off', allowed: [] } })).toMatchObject({ status: 200 });
  });
});

describe('the phases of an attempt', () => {
  it('are a connection, where one was made, and the first byte of the answer', async () => {
    const client = clientOf(`http://127.0.0.1:${await serve((_request, response) => response.end())}/`);
    const { phases: { connectMs = -1, firstByteMs = -1 } = {} } = await send(client);
    expect(connectMs).toBeGreaterThan(0);
    expect(firstByteMs).toBeGreaterThan(connectMs);
    await setImmediate();
    expect(await send(client)).toMatchObject({ status: 200, phases: { firstByteMs: expect.any(Number) } });
    await setImmediate();
    expect((await send(client)).phases).not.toHaveProperty('connectMs');
  });

  it('end where the attempt did', async () => {
    const hanging = clientOf(`http://127.0.0.1:${await serve(() => undefined)}/`, { timeoutMs: 300 });
    expect(Object.keys((await send(hanging)).phases ?? {})).toEqual(['connectMs']);
    const unresolved = clientOf('http://name.test/', { resolve: () => new Promise(() => undefined), timeoutMs: 300 });
    const { phases: { connectMs = -1 } = {} } = await send(unresolved);
    expect(connectMs).toBeGreaterThanOrEqual(299);
  });

  it('are none where nothing was tried', async () => {
    expect(await send(clientOf('http://10.0.0.1/', { policy: strict }))).not.toHaveProperty('phases');
  });
});

describe('connection pools', () => {
  it('reuse connections, and are bounded in number', async () => {
    const sockets = new Set<Socket>();
    const listener: RequestListener = (request, response) => {
      sockets.add(request.socket);
      response.end();
    };
    const ports = [await serve(listener), await serve(listener), await serve(listener)];
    const transport = new HttpTransport({ policy: open, timeoutMs: 2_000, maxOrigins: 2 });
    cleanup.push(() => transport.close());
    for (const port of ports) {
      for (let n = 0; n < 3; n += 1) {
        expect(await transport.post({ origin: `http://127.0.0.1:${port}`, path: '/', headers, body, onCutOff: uncut })).toMatchObject({
          status: 200,
        });
        await setImmediate(); // a connection counts as free only after the turn in which its answer ended
      }
    }
    expect(sockets.size).toBe(3);
    expect(transport.openOrigins).toBe(2);
  });
});
