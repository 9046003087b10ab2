import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { digestOf } from './object-bucket.ts';
import { peerBodies } from './peer-bodies.ts';
import { isSigned, PEER_HEADERS, signQuestion } from './peer-signature.ts';

const KEY = 'a-key-that-all-regions-share';
const NOW_MS = 1_800_000_000_000;
const body = Buffer.from('{"n":1.0}');
const ref = { sha256: digestOf(body), bytes: body.length, region: 'us' };

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve).closeAllConnections());
});

/** Asks a region that answers like this. */
async function ask(answer: RequestListener, key: string | undefined = KEY) {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  return peerBodies({ region: 'eu', key, urlOf: (region) => (region === 'us' ? url : undefined), nowMs: () => NOW_MS })('us', ref);
}

describe('asking another region', () => {
  it('gives its payload, for a question that is signed', async () => {
    const answer = await ask(({ url, headersDistinct }, response) => {
      const isGood = isSigned(KEY, { sha256: ref.sha256, to: 'us', header: (name) => headersDistinct[name]?.[0] }, NOW_MS);
      response.writeHead(isGood && url === `/internal/bodies/${ref.sha256}` ? 200 : 401).end(body);
    });
    expect(answer).toEqual({ kind: 'present', body });
  });

  it('is certain only of a "no" that is marked as one', async () => {
    expect(await ask((_, response) => response.writeHead(404, { [PEER_HEADERS.body]: 'absent' }).end('{}'))).toEqual({ kind: 'absent' });
    expect(await ask((_, response) => response.writeHead(404).end('{}'))).toEqual({ kind: 'away', detail: 'us answered 404' });
    expect(await ask((_, response) => response.writeHead(503).end())).toEqual({ kind: 'away', detail: 'us answered 503' });
  });

  it.each([
    ['other bytes', Buffer.from('{"n":2.0}')],
    ['fewer', body.subarray(1)],
    ['more', Buffer.concat([body, body])],
  ])('believes none that sends %s', async (_, sent) => {
    expect(await ask((_request, response) => response.end(sent))).toEqual({
      kind: 'away',
      detail: expect.stringContaining('sent other bytes'),
    });
  });

  it('says why it cannot be asked', async () => {
    expect(await ask((request) => request.socket.destroy())).toMatchObject({
      kind: 'away',
      detail: expect.stringContaining('does not answer'),
    });
    const at = { region: 'eu', urlOf: () => undefined, nowMs: () => NOW_MS };
    expect(await peerBodies({ ...at, key: KEY })('us', ref)).toEqual({ kind: 'away', detail: 'us has not announced where it is' });
    expect(await peerBodies({ ...at, key: undefined })('us', ref)).toMatchObject({ detail: expect.stringContaining('REGION_SHARED_KEY') });
  });
});

describe('a signed question', () => {
  const question = { sha256: 'a'.repeat(64), from: 'eu', to: 'us' };
  const headers = signQuestion(KEY, question, NOW_MS);
  const judge = (
    change: { key?: string; sha256?: string; to?: string; headers?: Record<string, string>; nowMs?: number } = {},
  ): boolean => {
    const { key = KEY, sha256 = question.sha256, to = question.to, nowMs = NOW_MS } = change;
    return isSigned(key, { sha256, to, header: (name) => ({ ...headers, ...change.headers })[name] }, nowMs);
  };

  it('is good for what was asked, for five minutes, whichever clock is ahead', () => {
    expect([judge(), judge({ nowMs: NOW_MS + 299_000 }), judge({ nowMs: NOW_MS - 299_000 })]).toEqual([true, true, true]);
  });

  it.each([
    [{ key: `${KEY}!` }],
    [{ sha256: 'b'.repeat(64) }],
    [{ to: 'ap' }],
    [{ headers: { [PEER_HEADERS.region]: 'ap' } }],
    [{ headers: { [PEER_HEADERS.time]: String(NOW_MS / 1000 + 1) } }],
    [{ headers: { [PEER_HEADERS.time]: 'soon' } }],
    [{ headers: { [PEER_HEADERS.signature]: 'x' } }],
    [{ nowMs: NOW_MS + 301_000 }],
    [{ nowMs: NOW_MS - 301_000 }],
  ])('is not good for anything else: %j', (change) => {
    expect(judge(change)).toBe(false);
  });

  it('needs all of its headers', () => {
    for (const missing of Object.keys(headers)) {
      const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== missing));
      expect(isSigned(KEY, { sha256: question.sha256, to: 'us', header: (name) => rest[name] }, NOW_MS)).toBe(false);
    }
  });
});
