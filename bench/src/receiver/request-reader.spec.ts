import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestReader, type RequestSeen, UnreadableRequest } from './request-reader.ts';

const request = (id: string, body: string): string =>
  `POST /e/3 HTTP/1.1\r\nHost: x\r\nWebhook-Id: ${id}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

function read(chunks: readonly string[]): RequestSeen[] {
  const seen: RequestSeen[] = [];
  const reader = new RequestReader((one) => seen.push(one));
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return seen;
}

describe('the reader of requests', () => {
  it('finds path and event id', () => {
    expect(read([request('evt_1', '{"a":1}')])).toEqual([{ path: '/e/3', webhookId: 'evt_1' }]);
  });

  it('reads a request without a body and the next one behind it', () => {
    expect(read([request('evt_1', '') + request('evt_2', 'x')]).map(({ webhookId }) => webhookId)).toEqual(['evt_1', 'evt_2']);
  });

  it('sees the same requests wherever the bytes are cut', () => {
    const text = ['evt_1', 'evt_2', 'evt_3'].map((id) => request(id, '\r\n\r\nnot a head')).join('');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const chunks = edges.slice(1).map((edge, index) => text.slice(edges[index], edge));
        expect(read(chunks).map(({ webhookId }) => webhookId)).toEqual(['evt_1', 'evt_2', 'evt_3']);
      }),
    );
  });

  it('does not count a request whose body is not complete', () => {
    expect(read([request('evt_1', 'abc').slice(0, -1)])).toEqual([]);
  });

  it('throws on a request without a length', () => {
    expect(() => read(['POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n'])).toThrow(UnreadableRequest);
  });

  it('throws on a head without end', () => {
    expect(() => read(['x'.repeat(70_000)])).toThrow(UnreadableRequest);
  });
});
