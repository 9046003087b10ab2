import { HEADERS, newEventId, type TraceContext, traceIdOf, traceparentOf } from '@waybill/contracts';
import { createLogger, type Logger, Metrics, WorkLog } from '@waybill/runtime';
import { beforeEach, describe, expect, it } from 'vitest';
import { PlannedEvents } from '../application/planned-events.ts';
import { finishedRun } from '../testing/finished-run.ts';
import { PlannerInMemory, toPlan } from '../testing/planner-in-memory.ts';
import { RecordedSpans } from '../testing/recorded-spans.ts';
import { RunsInMemory } from '../testing/runs-in-memory.ts';
import { plannerMetrics } from './planner-metrics.ts';
import { watchPlanning } from './watch-planning.ts';

const ACCEPTED_MS = 1_800_000_000_000;
const id = newEventId(ACCEPTED_MS, new Uint8Array(10).fill(3));
const [traceId = ''] = [traceIdOf(id)];
const writer: TraceContext = { traceId, spanId: 'a'.repeat(16) };
const place: TraceContext = { traceId, spanId: 'b'.repeat(16) };

let lines: Record<string, unknown>[];
let spans: RecordedSpans;
let metrics: Metrics;
let planner: PlannerInMemory;
let planned: PlannedEvents;

beforeEach(() => {
  [lines, spans, metrics, planned] = [[], new RecordedSpans(), new Metrics({ isOn: true }), new PlannedEvents(100)];
  const logger: Logger = createLogger({ service: 'test', region: 'test', level: 'silent' });
  logger.info = (line: unknown) => void lines.push({ level: 'info', ...Object(line) });
  logger.warn = (line: unknown) => void lines.push({ level: 'warn', ...Object(line) });
  const asked = { isBusUp: () => true, pending: async () => 3 };
  planner = new PlannerInMemory('us', {
    watch: watchPlanning({
      region: 'us',
      tracing: spans,
      metrics: plannerMetrics(metrics, { region: 'us', regions: ['us', 'eu'], ...asked }),
      work: new WorkLog(logger, { perSecond: 100 }),
      nowMs: () => ACCEPTED_MS + 40,
    }),
  });
});

const counted = async (): Promise<string[]> =>
  (await metrics.text())
    .split('\n')
    .filter((line) => /^waybill_(schema|planned|dlq|plan_delay_seconds_(count|sum))/.test(line) && !line.endsWith(' 0'));
const traceparents = (type: string): (string | undefined)[] =>
  planner.log.messages.filter(({ subject }) => subject.includes(type)).map(({ headers }) => headers[HEADERS.traceparent]);

describe('an event that was planned', () => {
  it('is a line, is counted once whatever became of its publishes, and its plans go on with its trace', async () => {
    planner.endpoint('a');
    planner.endpoint('b', 'eu');
    const accepted = { ...planner.accept(id), trace: place };
    planner.log.willBe('stored', 'unanswered');
    await expect(planner.appender.appendMissing(toPlan(accepted), planned)).rejects.toThrow('no ack');
    expect(lines).toEqual([]);
    await planner.appender.appendMissing(toPlan(accepted), planned);
    await planner.appender.appendMissing(toPlan(accepted), planned);
    const about = {
      eventId: id,
      eventType: 'order.paid',
      tenantId: 'acme',
      source: 'api',
      correlationId: id,
      traceId,
      origin: 'us',
      seq: 1,
    };
    expect(lines).toEqual([
      { level: 'info', event: 'work.plan', outcome: 'planned', durationMs: 40, deliveries: 1, regions: ['eu'], ...about },
    ]);
    expect(await counted()).toEqual([
      'waybill_schema_verdicts_total{region="us",verdict="accepted"} 1',
      'waybill_planned_deliveries_total{region="us",to="us",because="wanted"} 1',
      'waybill_planned_deliveries_total{region="us",to="eu",because="wanted"} 1',
      'waybill_plan_delay_seconds_sum{region="us"} 0.04',
      'waybill_plan_delay_seconds_count{region="us"} 1',
    ]);
    expect(traceparents('plan.made')).toEqual([traceparentOf(place), traceparentOf(place)]);
    expect(spans.spans).toEqual([]);
  });

  it('says nothing of a trace that is not recorded', async () => {
    await planner.appender.appendMissing(toPlan(planner.accept(id)), planned);
    expect(lines).toMatchObject([{ outcome: 'unmatched', traceId, deliveries: 0 }]);
    expect(traceparents('plan.made')).toEqual([undefined]);
  });

  it('has its handling recorded when no consumer handed it out', async () => {
    const found = { type: 'event.accepted', writer, startMs: 7 } as const;
    await planner.appender.appendMissing(toPlan({ ...planner.accept(id), trace: place, found }), planned);
    const of = { name: 'process event.accepted', kind: 'consumer', context: place, parent: writer, links: [writer], startMs: 7 };
    expect(spans.spans).toEqual([
      { ...of, endMs: expect.any(Number), attributes: expect.objectContaining({ 'waybill.event.id': id, 'waybill.outcome': 'unmatched' }) },
    ]);
  });
});

it('tells and counts an event that was set aside', async () => {
  const about = { eventId: id, tenantId: 'acme', eventType: 'a.b', version: 9 };
  const accepted = { ...planner.accept(id), trace: place };
  await planner.appender.refuse(accepted, { verdict: 'reader_too_old', detail: 'hush', about }, planned);
  expect(lines).toMatchObject([{ level: 'warn', outcome: 'refused', reason: 'reader_too_old', eventId: id }]);
  expect(JSON.stringify(lines)).not.toContain('hush');
  expect(await counted()).toEqual(
    expect.arrayContaining([
      'waybill_schema_verdicts_total{region="us",verdict="reader_too_old"} 1',
      'waybill_dlq_messages_total{region="us",reason="reader_too_old"} 1',
    ]),
  );
  expect(traceparents('event.refused')).toEqual([traceparentOf(place)]);
});

it.each([
  ['allow', undefined, []],
  ['deny', 'operator_paused', [{ id: 'freeze', owner: 'acme', reason: 'x', createdAt: '', updatedAt: '' }]],
])('records a decision about a finished run: %s', async (decision, reason, pauses) => {
  const runs = new RunsInMemory(planner);
  runs.pauses = pauses;
  await runs.plan({ ...runs.accept(id, finishedRun('100')), trace: place });
  const [span] = spans.spans;
  expect(span).toMatchObject({
    name: 'decide dispatch',
    kind: 'internal',
    parent: place,
    attributes: { 'waybill.decision': decision, 'waybill.reason': reason },
  });
  expect(traceparents('dispatch.decided')).toEqual([span === undefined ? '' : traceparentOf(span.context)]);
  expect(traceparents('plan.made')).toEqual([traceparentOf(place)]);
});

it('tells how much waits, and says so of all from the start', async () => {
  const text = await metrics.text();
  for (const consumer of ['planner', 'planner_runs'])
    expect(text).toContain(`waybill_consumer_pending{region="us",consumer="${consumer}"} 3`);
  for (const verdict of ['accepted', 'drop_incompatible', 'reader_too_old', 'poison'])
    expect(text).toContain(`waybill_schema_verdicts_total{region="us",verdict="${verdict}"} 0`);
  expect(text).toContain('waybill_bus_connected{region="us",service="planner"} 1');
});
