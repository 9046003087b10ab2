import { execFile } from 'node:child_process';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { openTracing } from './open-tracing.ts';
import type { Tracing } from './tracing.ts';

const pairs = z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }));
const sentSpan = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: pairs,
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
  events: z.array(z.object({ name: z.string() })).default([]),
  status: z.object({ code: z.number(), message: z.string().optional() }),
});
const sent = z.object({
  resourceSpans: z.array(
    z.object({ resource: z.object({ attributes: pairs }), scopeSpans: z.array(z.object({ spans: z.array(sentSpan) })) }),
  ),
});

/** Takes spans over HTTP; while `isMute` it answers nothing. */
class Collector {
  isMute = false;
  readonly received: z.infer<typeof sent>[] = [];
  readonly #server: Server = createServer((request, response) => {
    if (!this.isMute) void json(request).then((body) => this.#take(sent.parse(body), response));
    else request.resume();
  });

  #take(body: z.infer<typeof sent>, response: ServerResponse): void {
    this.received.push(body);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }

  get spans() {
    return this.received.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    );
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function opened(endpoint: string, env: NodeJS.ProcessEnv = {}) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const quick = { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_EXPORTER_OTLP_TIMEOUT: '300' };
  const all = { ...quick, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env };
  const tracing = await openTracing({ service: 'planner', region: 'eu', env: all, logger });
  closing.push(() => tracing.close());
  return { tracing, lines };
}

async function collecting(): Promise<{ readonly collector: Collector; readonly url: string }> {
  const collector = new Collector();
  const url = await collector.listen();
  closing.push(() => collector.close());
  return { collector, url };
}

const traceId = '0192f3a4b5c67890'.padEnd(32, 'a');
function record(tracing: Tracing, name = 'plan'): void {
  const context = tracing.begin(traceId, true);
  if (context === undefined) throw new Error('tracing is off');
  tracing.record({ name, kind: 'internal', context, startMs: 1_000, endMs: 1_001 });
}
const wait = { timeout: 30_000, interval: 20 };

describe('open tracing', () => {
  it('sends what was recorded, whole, to a receiver of OTLP', async () => {
    const { collector, url } = await collecting();
    const { tracing } = await opened(url, { OTEL_RESOURCE_ATTRIBUTES: 'part=a' });
    const parent = tracing.begin(traceId);
    const context = tracing.childOf(parent);
    const link = { traceId: 'e'.repeat(32), spanId: 'f'.repeat(16) };
    if (context === undefined) throw new Error('not recorded');
    const events = [
      { name: 'fenced', atMs: 1_700_000_000_000.5, attributes: { region: 'us' } },
      { name: 'at no time', atMs: Number.NaN },
    ];
    const span = {
      startMs: 1_700_000_000_000.25,
      endMs: 1_700_000_000_002,
      attributes: { a: 1, b: undefined, c: 'x'.repeat(2_000), d: Number.NaN },
      links: [link],
      events,
    };
    tracing.record({ name: 'process event.accepted', kind: 'consumer', context, parent, ...span, error: 'WB_NATS_AWAY' });
    // What nobody could read does not take the others with it.
    tracing.record({ name: 'at no time', kind: 'internal', context, startMs: Number.NaN, endMs: 1 });
    await tracing.close();
    expect(collector.spans).toEqual([
      {
        traceId,
        spanId: context.spanId,
        parentSpanId: traceId.slice(16),
        name: 'process event.accepted',
        kind: 5,
        startTimeUnixNano: '1700000000000250000',
        endTimeUnixNano: '1700000000002000000',
        attributes: [
          { key: 'a', value: { intValue: 1 } },
          { key: 'c', value: { stringValue: 'x'.repeat(1_024) } },
        ],
        links: [link],
        events: [{ name: 'fenced' }],
        status: { code: 2, message: 'WB_NATS_AWAY' },
      },
    ]);
    const about = collector.received[0]?.resourceSpans[0]?.resource.attributes ?? [];
    const told = Object.fromEntries(about.map(({ key, value }) => [key, value['stringValue']]));
    expect(told).toMatchObject({
      'service.name': 'waybill-planner',
      'cloud.region': 'eu',
      part: 'a',
      'service.instance.id': expect.any(String),
    });
  });

  it('keeps no more than its queue while the receiver does not answer, says so once, and once when it does again', async () => {
    const { collector, url } = await collecting();
    collector.isMute = true;
    const { tracing, lines } = await opened(url, { OTEL_BSP_MAX_QUEUE_SIZE: '200', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '50' });
    for (let n = 0; n < 10_000; n += 1) record(tracing);
    await vi.waitFor(() => expect(lines).toHaveLength(1), wait);
    collector.isMute = false;
    await vi.waitFor(() => expect(lines).toHaveLength(2), wait);
    await tracing.close();
    expect(lines).toMatchObject([{ event: 'tracing.export_failed' }, { event: 'tracing.exported' }]);
    expect(collector.spans.length).toBeLessThanOrEqual(200);
    expect(collector.spans.length).toBeGreaterThan(0);
  });

  it('says once that the receiver is gone, and does not hold up who closes', async () => {
    const { collector, url } = await collecting();
    await collector.close();
    const { tracing, lines } = await opened(url);
    record(tracing);
    await vi.waitFor(() => expect(lines).toHaveLength(1), wait);
    record(tracing);
    const closed = await Promise.race([
      tracing.close().then(() => true),
      new Promise((resolve) => void setTimeout(resolve, 10_000, false)),
    ]);
    expect(closed).toBe(true);
    expect(lines).toMatchObject([{ event: 'tracing.export_failed', reason: 'ECONNREFUSED' }]);
    expect(JSON.stringify(lines)).not.toContain('127.0.0.1');
  });

  it('loads nothing of OpenTelemetry when it is off, and works in a thread', async () => {
    const { collector, url } = await collecting();
    const open = new URL('open-tracing.ts', import.meta.url).href;
    const script = `
      import { registerHooks } from 'node:module';
      import { writeSync } from 'node:fs';
      const seen = new Set();
      registerHooks({ resolve: (name, context, next) => { if (name.startsWith('@opentelemetry')) seen.add(name); return next(name, context); } });
      const { openTracing } = await import('${open}');
      const about = { service: 'projector', region: 'eu', logger: undefined };
      const off = await openTracing({ ...about, env: {} });
      writeSync(1, JSON.stringify([off.isOn, seen.size]));
      const on = await openTracing({ ...about, env: { OTEL_EXPORTER_OTLP_ENDPOINT: '${url}' } });
      on.record({ name: 'from a thread', kind: 'internal', context: on.begin('${traceId}'), startMs: 1, endMs: 2 });
      await on.close();
      writeSync(1, JSON.stringify([on.isOn, seen.size > 0]));`;
    const source = new URL(`data:text/javascript,${encodeURIComponent(script)}`);
    const main = `new (require('node:worker_threads').Worker)(new URL(${JSON.stringify(source.href)}))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', '-e', main], { encoding: 'utf8' });
    expect(stdout).toBe('[false,0][true,true]');
    expect(collector.spans.map(({ name }) => name)).toEqual(['from a thread']);
  });
});
