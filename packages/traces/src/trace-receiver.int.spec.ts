import { get } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hex, otlpOf } from './otlp.fixture.ts';
import { startTraceReceiver, type TraceReceiver } from './trace-receiver.ts';
import { TraceStore } from './trace-store.ts';

const store = new TraceStore();
let receiver: TraceReceiver;

beforeAll(async () => {
  receiver = await startTraceReceiver({ port: 0, store });
});
afterAll(() => receiver.close());

async function send(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const answer = await fetch(`${receiver.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: answer.status, body: await answer.json() };
}
const one = (n: number): string => JSON.stringify(otlpOf({ spanId: hex(16, n) }));

it('takes spans, packed or not, and shows them by their trace', async () => {
  const taken = { status: 200, body: { partialSuccess: {} } };
  expect(await send(one(1))).toEqual(taken);
  expect(await send(new Uint8Array(gzipSync(one(2))), { 'content-encoding': 'gzip' })).toEqual(taken);
  const shown = await fetch(`${receiver.url}/traces/${hex(32, 1)}`);
  expect(await shown.json()).toMatchObject({ traceId: hex(32, 1), isWhole: true, spans: [{ spanId: hex(16, 1) }, { spanId: hex(16, 2) }] });
});

it.each([
  ['what is no JSON', '{', {}, { status: 400, code: 'WB_MALFORMED_JSON' }],
  ['what is no OTLP', `{"resourceSpans":[${one(8)},{"scopeSpans":1}]}`, {}, { status: 400, code: 'WB_BAD_REQUEST' }],
  ['a bad span beside a good one', one(8).replace('"spans":[', '"spans":[{"traceId":"x"},'), {}, { status: 400, code: 'WB_BAD_REQUEST' }],
  ['protobuf', one(8), { 'content-type': 'application/x-protobuf' }, { status: 415, code: 'WB_MEDIA_TYPE' }],
  ['what is said to be packed and is not', one(8), { 'content-encoding': 'gzip' }, { status: 400, code: 'WB_BAD_REQUEST' }],
  ['too much', ' '.repeat(9 * 1024 * 1024), {}, { status: 413, code: 'WB_BODY_TOO_LARGE' }],
] as const)('refuses %s, and keeps nothing of it', async (_what, body, headers, { status, code }) => {
  const before = store.size;
  expect(await send(body, headers)).toMatchObject({ status, body: { code, detail: expect.stringMatching(/\w/) } });
  expect(store.size).toEqual(before);
});

it('refuses what is too much once it is unpacked', async () => {
  const packed = new Uint8Array(gzipSync(' '.repeat(9 * 1024 * 1024)));
  expect(await send(packed, { 'content-encoding': 'gzip' })).toMatchObject({ status: 413, body: { code: 'WB_BODY_TOO_LARGE' } });
});

it('says when nothing is kept, and that it is there', async () => {
  const unknown = await fetch(`${receiver.url}/traces/${hex(32, 99)}`);
  expect([unknown.status, unknown.headers.get('content-type'), await unknown.json()]).toMatchObject([
    404,
    'application/problem+json',
    { code: 'WB_TRACE_UNKNOWN', traceId: hex(32, 99) },
  ]);
  const health = await fetch(`${receiver.url}/health/ready`);
  expect(await health.json()).toMatchObject({ status: 'ok' });
});

it.each([
  ['localhost', 200],
  ['127.0.0.1:4318', 200],
  ['[::1]:4318', 200],
  ['rebound.example', 403],
  ['127.0.0.1.example', 403],
])('on this machine alone, asked as %s, answers with %i', async (host, status) => {
  const answered = new Promise((resolve) =>
    get(`${receiver.url}/health/ready`, { headers: { host } }, (response) => resolve(response.resume().statusCode)),
  );
  expect(await answered).toBe(status);
});
