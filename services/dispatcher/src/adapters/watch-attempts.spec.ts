import {
  type AttemptOutcome,
  deliveryIdOf,
  type DueDelivery,
  type EndpointId,
  endpointSchema,
  githubEndpointId,
  newEventId,
  type TenantId,
  traceIdOf,
} from '@waybill/contracts';
import { type Logger, NO_TRACING, type SpanRecord, type WorkLine, WorkLog } from '@waybill/runtime';
import { describe, expect, it } from 'vitest';
import type { SeenAttempt } from '../application/attempt-ports.ts';
import { ErrorRate } from '../domain/error-rate.ts';
import { watchAttempts } from './watch-attempts.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00.000Z');
const at = new Date(NOW_MS).toISOString();
const secrets = [{ key: `whsec_${'A'.repeat(32)}` }];
const url = 'https://example.com:8443/hooks/s3cret?token=s3cret';
const endpoint = endpointSchema.parse({ id: 'ep_1', tenantId: 'acme', url, secrets, createdAt: at, updatedAt: at });
const eventId = newEventId(NOW_MS, new Uint8Array(10).fill(7));
const traceId = traceIdOf(eventId) ?? '';
const trace = { context: { traceId, spanId: 'c'.repeat(16) }, parent: { traceId, spanId: 'a'.repeat(16) }, links: [] };

function seen(outcome: AttemptOutcome, more: Partial<SeenAttempt> & { endpointId?: EndpointId } = {}): SeenAttempt {
  const endpointId = more.endpointId ?? endpoint.id;
  const ids = { deliveryId: deliveryIdOf(eventId, endpointId), eventId, tenantId: 'acme' as TenantId, endpointId };
  const next = outcome.kind === 'accepted' ? ({ kind: 'delivered' } as const) : ({ kind: 'retry', at } as const);
  const due: DueDelivery = { v: 1, ...ids, scope: 'g', attempt: 2, parked: 0, plan: { stream: 'LOG', seq: 1 } };
  const fact = {
    v: 1,
    ...ids,
    attempt: 2,
    at,
    durationMs: 40,
    region: 'us',
    outcome,
    next,
    phases: { connectMs: 3, firstByteMs: 39 },
  } as const;
  const payload = { eventType: 'order.paid', correlationId: 'corr-1', acceptedIn: 'eu', body: Buffer.from('{"card":"s3cret"}') };
  return { fact, due, endpoint, payload, trace, ...more };
}

function watching({ isBroken = false } = {}) {
  const told = { spans: [] as SpanRecord[], lines: [] as { level: string; line: unknown }[] };
  const tell = (level: string) => (line: unknown) => void told.lines.push({ level, line });
  const logger = { info: tell('info'), warn: tell('warn') } as unknown as Logger;
  const attempted = (): void => {
    if (isBroken) throw new Error('cannot count');
  };
  const watch = watchAttempts({
    errorRate: new ErrorRate(),
    count: { attempted, refused: () => undefined },
    tracing: { ...NO_TRACING, isOn: true, record: (span) => void told.spans.push(span) },
    work: new WorkLog(logger, { perSecond: 100 }),
    logger,
    nowMs: () => NOW_MS,
  });
  return { watch, told };
}

describe('an attempt whose fact is stored', () => {
  it('is told in one line, and as a span below the handling of its plan', () => {
    const { watch, told } = watching();
    watch.attempted(seen({ kind: 'accepted', httpStatus: 204 }));
    const line: Partial<WorkLine> = { outcome: 'delivered', durationMs: 40, traceId, correlationId: 'corr-1', origin: 'eu', status: 204 };
    expect(told.lines).toMatchObject([
      { level: 'info', line: { event: 'work.attempt', attempt: 2, connectMs: 3, firstByteMs: 39, ...line } },
    ]);
    expect(told.spans).toMatchObject([
      {
        name: 'POST',
        kind: 'client',
        ...trace,
        startMs: NOW_MS,
        endMs: NOW_MS + 40,
        attributes: {
          'http.request.method': 'POST',
          'http.response.status_code': 204,
          'http.request.resend_count': 1,
          'server.address': 'example.com',
          'server.port': 8_443,
          'waybill.event.id': eventId,
          'waybill.region.home': 'eu',
          'waybill.region.executed': 'us',
        },
      },
    ]);
    expect(told.spans[0]?.error).toBeUndefined();
  });

  it('says why it failed, and nothing of payload, path or query', () => {
    const { watch, told } = watching();
    watch.attempted(seen({ kind: 'retryable', reason: 'http_status', detail: 'the receiver answered 503', httpStatus: 503 }));
    expect(told.lines).toMatchObject([{ level: 'warn', line: { outcome: 'retry', reason: 'http_status', status: 503, nextAt: at } }]);
    expect(told.spans).toMatchObject([{ error: 'http_status', attributes: { 'error.type': '503', 'waybill.outcome': 'retryable' } }]);
    expect(JSON.stringify(told)).not.toContain('s3cret');
  });

  it('has no span where its event is not recorded, and its trace id all the same', () => {
    const { watch, told } = watching();
    watch.attempted(seen({ kind: 'accepted', httpStatus: 204 }, { trace: undefined }));
    expect([told.spans, told.lines]).toMatchObject([[], [{ line: { traceId } }]]);
  });

  it('is a dispatch when it goes to GitHub', () => {
    const { watch, told } = watching();
    const run = { id: '42', url: 'https://github.com/acme/target/actions/runs/42' };
    watch.attempted(seen({ kind: 'accepted', httpStatus: 200, run }, { endpointId: githubEndpointId('acme', 'target', 'cd.yml') }));
    expect(told.lines).toMatchObject([{ line: { event: 'work.dispatch' } }]);
    expect(told.spans).toMatchObject([{ name: 'dispatch workflow', attributes: { 'waybill.github.run': '42' } }]);
    expect(told.spans[0]?.attributes).not.toHaveProperty('server.address');
  });

  it('is recorded even where it cannot be told', () => {
    const { watch, told } = watching({ isBroken: true });
    expect(() => watch.attempted(seen({ kind: 'accepted', httpStatus: 204 }))).not.toThrow();
    expect(told.lines).toMatchObject([{ level: 'warn', line: { event: 'attempt.untold' } }]);
  });

  it('is told when its delivery ends without a try', () => {
    const { watch, told } = watching();
    const { due, fact } = seen({ kind: 'accepted', httpStatus: 204 });
    const { deliveryId, tenantId, endpointId } = fact;
    const next = { kind: 'dead_lettered', reason: 'endpoint_gone' } as const;
    watch.refused({ v: 1, deliveryId, eventId, tenantId, endpointId, at, region: 'us', next }, due);
    expect(told.lines).toMatchObject([
      { level: 'warn', line: { event: 'work.attempt', outcome: 'dead_lettered', reason: 'endpoint_gone', traceId } },
    ]);
  });
});
