import { fastify, type FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { adoptRequest, externalPlace, traceRequests } from './request-spans.ts';
import type { SpanRecord, Tracing } from './tracing.ts';

const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const caller = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };
const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;

function recorder(): { readonly spans: SpanRecord[]; readonly tracing: Tracing } {
  const spans: SpanRecord[] = [];
  const tracing: Tracing = {
    isOn: true,
    begin: (traceId) => ({ traceId, spanId: traceId.slice(16) }),
    join: (parent) => parent,
    childOf: (parent) => parent,
    record: (span) => void spans.push(span),
    close: () => Promise.resolve(),
  };
  return { spans, tracing };
}

async function ask(
  handle: (request: FastifyRequest) => void,
  { method = 'POST', url = '/v1/tenants/acme', headers = {}, status = 200 } = {},
) {
  const { spans, tracing } = recorder();
  const app = fastify();
  traceRequests(app, tracing, { region: 'eu' });
  for (const path of ['/v1/tenants/:tenantId', '/health/ready'])
    app.all(path, (request, reply) => {
      handle(request);
      return reply.status(status).send({});
    });
  await app.inject({ method: method === 'GET' ? 'GET' : 'POST', url, headers });
  await app.close();
  return spans;
}

describe('spans of requests', () => {
  it('stand where the handler said', async () => {
    const spans = await ask((request) => adoptRequest(request, { context, links: [caller], attributes: { 'waybill.event.id': 'evt_1' } }));
    expect(spans).toMatchObject([
      { name: 'POST /v1/tenants/:tenantId', kind: 'server', context, parent: undefined, links: [caller], error: undefined },
    ]);
    expect(spans[0]?.attributes).toMatchObject({ 'http.response.status_code': 200, 'waybill.event.id': 'evt_1', 'cloud.region': 'eu' });
    expect(spans[0]?.endMs).toBeGreaterThanOrEqual(spans[0]?.startMs ?? Number.NaN);
  });

  it('are none where the handler said that the trace is not recorded', async () => {
    expect(await ask((request) => adoptRequest(request, { context: undefined }))).toEqual([]);
  });

  it('are in a trace of their own when nobody said anything, with a link to the caller', async () => {
    const spans = await ask(() => undefined, { headers: { traceparent }, status: 503 });
    expect(spans).toMatchObject([{ links: [caller], error: '503' }]);
    expect(spans[0]?.context.traceId).toMatch(/^(?!c{32})[0-9a-f]{32}$/);
  });

  it.each([{ method: 'GET' }, { url: '/health/ready' }, { url: '/v1/unknown' }, { status: 401 }, { status: 429 }])(
    'are none for what only reads, for machines, and for who is turned away: %o',
    async (request) => {
      expect(await ask(() => undefined, request)).toEqual([]);
    },
  );

  it('take one place of a caller, not two', async () => {
    const places: unknown[] = [];
    await ask((request) => void places.push(externalPlace(request)), { headers: { traceparent } });
    await ask((request) => void places.push(externalPlace(request)), { headers: { traceparent: `${traceparent}, ${traceparent}` } });
    expect(places).toEqual([{ ...caller, isSampled: true }, undefined]);
  });
});
