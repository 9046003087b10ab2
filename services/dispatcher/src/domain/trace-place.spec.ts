import {
  deliveryIdOf,
  type DueDelivery,
  type EndpointId,
  newEventId,
  newJobId,
  replayDeliveryId,
  rootSpanIdOf,
  type TenantId,
  type TraceContext,
  traceIdOf,
  traceparentOf,
} from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { placeOfAttempt, type TracePlaces } from './trace-place.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00.000Z');
const MINUTE_MS = 60_000;
const endpointId = 'ep_1' as EndpointId;
const eventId = newEventId(NOW_MS, new Uint8Array(10).fill(7));
const jobId = newJobId(NOW_MS, new Uint8Array(10).fill(9));
const rootOf = (id: string): TraceContext => {
  const traceId = traceIdOf(id) ?? '';
  return { traceId, spanId: rootSpanIdOf(traceId) };
};
const [planned, last] = ['a'.repeat(16), 'b'.repeat(16)].map((spanId) => ({ traceId: rootOf(eventId).traceId, spanId }));
const RANDOM = 'f'.repeat(32);

function at(due: Partial<DueDelivery>, { startedMs = NOW_MS + MINUTE_MS } = {}) {
  const places: TracePlaces = {
    begin: (traceId, always = false) => (always ? { traceId, spanId: rootSpanIdOf(traceId) } : undefined),
    childOf: (parent) => parent && { traceId: parent.traceId, spanId: 'c'.repeat(16) },
    newTraceId: () => RANDOM,
  };
  const deliveryId = deliveryIdOf(eventId, endpointId);
  const ids = { deliveryId, eventId, tenantId: 'acme' as TenantId, endpointId };
  return placeOfAttempt(places, { v: 1, ...ids, scope: 'g', attempt: 1, parked: 0, plan: { stream: 'LOG', seq: 1 }, ...due }, startedMs);
}
const trace = planned && traceparentOf(planned);
const lastTrace = last && traceparentOf(last);
const LATE = { startedMs: NOW_MS + 16 * MINUTE_MS };

describe('the place of an attempt', () => {
  it('is below the handling of its plan, and there is none where that is not recorded', () => {
    expect(at({ trace })).toEqual({ context: { traceId: planned?.traceId, spanId: 'c'.repeat(16) }, parent: planned, links: [] });
    expect(at({ trace, lastTrace, attempt: 2 }, { startedMs: NOW_MS + 15 * MINUTE_MS })?.parent).toEqual(planned);
    expect([at({}), at({ lastTrace }, LATE), at({ trace: `${trace?.slice(0, -1)}0` }), at({ trace: 'broken' })]).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('begins a trace when it is late, which leads back to where the event came in and to the attempt before', () => {
    const context = { traceId: RANDOM, spanId: rootSpanIdOf(RANDOM) };
    expect(at({ trace }, LATE)).toEqual({ context, links: [rootOf(eventId)] });
    expect(at({ trace, lastTrace, attempt: 5 }, LATE)).toEqual({ context, links: [rootOf(eventId), last] });
  });

  it('leads back to its plan when the trace is that of a sender', () => {
    const foreign = { traceId: 'd'.repeat(32), spanId: 'e'.repeat(16) };
    expect(at({ trace: traceparentOf(foreign) })?.parent).toEqual(foreign);
    expect(at({ trace: traceparentOf(foreign) }, LATE)?.links).toEqual([foreign]);
  });
});

describe('the place of the attempt of a delivery that a job made', () => {
  const deliveryId = replayDeliveryId(jobId, eventId, endpointId);
  const inJob = { traceId: rootOf(jobId).traceId, spanId: 'a'.repeat(16) };
  const made = { deliveryId, replay: jobId, trace: traceparentOf(inJob) };
  const own = rootOf(deliveryId);

  it('begins the trace of the delivery, however late, where its plan begins none for it', () => {
    expect(at(made)).toEqual({ context: own, links: [rootOf(eventId), inJob] });
    expect(at(made, LATE)?.context).toEqual(own);
    expect(at({ ...made, trace: traceparentOf(own) })).toMatchObject({ context: { traceId: own.traceId }, parent: own });
  });

  it('goes on with it', () => {
    const again = { ...made, attempt: 2, lastTrace: traceparentOf(own) };
    expect(at(again)).toMatchObject({ context: { traceId: own.traceId }, parent: own, links: [] });
    expect(at(again, LATE)).toMatchObject({ context: { traceId: RANDOM }, links: [own] });
  });
});
