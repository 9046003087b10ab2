import {
  deliveryIdOf,
  type EndpointId,
  HEADERS,
  newJobId,
  replayDeliveryId,
  rootSpanIdOf,
  traceIdOf,
  traceparentOf,
} from '@waybill/contracts';
import { beforeEach, expect, it } from 'vitest';
import { DeadLetters } from '../../testing/dead-letters.ts';
import { JobsInMemory } from '../../testing/jobs-in-memory.ts';
import { PlannerInMemory } from '../../testing/planner-in-memory.ts';
import { RecordedSpans } from '../../testing/recorded-spans.ts';
import { watchJobs } from './watch-job.ts';

const a = 'a' as EndpointId;
let planner: PlannerInMemory;
let jobs: JobsInMemory;
let dead: DeadLetters;
let spans: RecordedSpans;
let counted: [to: string, because: readonly string[]][];

beforeEach(() => {
  [spans, counted] = [new RecordedSpans(), []];
  planner = new PlannerInMemory('us', { nowMs: () => jobs.nowMs });
  jobs = new JobsInMemory(planner);
  jobs.watchJob = watchJobs({ region: 'us', tracing: spans, metrics: { planned: (to, because) => void counted.push([to, because]) } });
  dead = new DeadLetters(jobs);
  planner.endpoint(a);
});

const rootOf = (id: string) => ({ traceId: traceIdOf(id) ?? '', spanId: rootSpanIdOf(traceIdOf(id) ?? '') });
const named = (name: string) => spans.spans.filter((span) => span.name === name);

it('records a job in a trace of its own, and each of its plans in one that is linked to the job and to the event', async () => {
  spans.isSampled = false;
  const items = await dead.several(2, a);
  const id = jobs.redrive(items);
  await jobs.settle();
  const heads = jobs.replayed();
  const places = heads.map(({ deliveries: [first] }) => rootOf(first?.deliveryId ?? ''));
  expect(named('replay event').map(({ context, links, parent }) => ({ context, links, parent }))).toEqual(
    heads.map(({ event }, at) => ({ context: places[at], links: [rootOf(event.eventId), rootOf(id)], parent: undefined })),
  );
  const stored = planner.log.messages.filter(
    ({ headers }) => headers[HEADERS.msgId]?.includes(id) === true && headers[HEADERS.traceparent] !== undefined,
  );
  expect(stored.map(({ headers }) => headers[HEADERS.traceparent])).toEqual(places.map(traceparentOf));
  expect(named('replay')).toMatchObject([
    {
      context: rootOf(id),
      kind: 'internal',
      attributes: { 'waybill.job.id': id, 'waybill.job.kind': 'redrive', 'waybill.outcome': 'done', 'waybill.deliveries': 2 },
    },
  ]);
  expect(counted).toEqual([
    ['us', ['job']],
    ['us', ['job']],
  ]);
});

const ITEM = { tenantId: 'acme', because: ['job'], region: 'us' } as const;

it('leaves the deliveries of a large job to the sampler, and a job that goes on stands below its beginning', () => {
  spans.isSampled = false;
  const [id, eventId] = [newJobId(1, new Uint8Array(10)), dead.eventId()];
  const deliveryId = replayDeliveryId(id, eventId, a);
  const watch = jobs.watchJob?.({ id, kind: 'replay', deliveries: 101, goesOn: true });
  expect(watch?.planning({ ...ITEM, eventId, deliveryId }).trace).toBeUndefined();
  watch?.over({ outcome: 'left', deliveries: 50 });
  expect(named('replay')).toMatchObject([
    { parent: rootOf(id), context: { traceId: rootOf(id).traceId }, attributes: { 'waybill.outcome': 'left' } },
  ]);
  spans.isSampled = true;
  expect(watch?.planning({ ...ITEM, eventId, deliveryId }).trace).toEqual(rootOf(deliveryId));
});

it('goes on with the trace of an event that was set aside', () => {
  const [id, eventId] = [newJobId(1, new Uint8Array(10)), dead.eventId()];
  const watch = jobs.watchJob?.({ id, kind: 'redrive', deliveries: 1, goesOn: false });
  const { trace, planned } = watch?.planning({ ...ITEM, eventId, deliveryId: deliveryIdOf(eventId, a) }) ?? {};
  planned?.();
  expect(trace?.traceId).toBe(traceIdOf(eventId));
  expect(named('replay event')).toMatchObject([{ context: trace, parent: rootOf(eventId) }]);
});
