import {
  type DeliveryAttempted,
  deliveryAttemptedSchema,
  deliveryIdOf,
  type DeliveryRefused,
  type EndpointId,
  endpointSchema,
  newEventId,
  newJobId,
  replayDeliveryId,
  type TenantId,
  type TraceContext,
  traceparentOf,
  type DueDelivery,
} from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { AttemptDelivery, type AttemptDeliveryPorts } from './attempt-delivery.ts';
import type { AttemptPhases, CutOff, SendResult } from './attempt-ports.ts';
import type { Admission, AttemptResult } from './endpoint-gate.ts';
import type { Ask } from '../domain/gate-lane.ts';
import type { FlatHeaders } from '../domain/webhook-headers.ts';
import type { PreparedEndpoint } from './prepare-endpoint.ts';
import { NO_LANES } from './ordering/testing/no-lanes.ts';
import { OwnOutput } from './own-output.ts';
import { DeliveryPermission } from './permission.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00.000Z');
const at = new Date(NOW_MS).toISOString();
const [tenantId, endpointId] = ['acme' as TenantId, 'ep_1' as EndpointId];
const secrets = [{ key: `whsec_${'A'.repeat(32)}` }];
const endpoint = endpointSchema.parse({ id: endpointId, tenantId, url: 'https://example.com', secrets, createdAt: at, updatedAt: at });
const eventId = newEventId(NOW_MS, new Uint8Array(10));
const deliveryId = deliveryIdOf(eventId, endpointId);
const due = (changes: Partial<DueDelivery> = {}): DueDelivery => {
  return {
    v: 1,
    deliveryId,
    eventId,
    tenantId,
    endpointId,
    scope: 'g',
    attempt: 1,
    parked: 0,
    plan: { stream: 'LOG_US', seq: 1 },
    ...changes,
  };
};
const payload = async () => ({ eventType: 'order.paid', body: Buffer.from('{}') });

/** A region whose permission, gate and receiver the test decides. */
function region(ports: Partial<AttemptDeliveryPorts> = {}) {
  const state = { open: true, cut: (): void => undefined };
  const seen = {
    attempted: [] as (DeliveryAttempted & { scope: string })[],
    traces: [] as (TraceContext | undefined)[],
    headers: [] as FlatHeaders[],
    refused: [] as (DeliveryRefused & { scope: string })[],
    scheduled: [] as { due: DueDelivery; dueMs: number }[],
    left: [] as AttemptResult[],
    sends: 0,
  };
  const sent = Promise.withResolvers<SendResult>();
  const send = (onCutOff: (cut: CutOff) => () => void): Promise<SendResult> => {
    seen.sends += 1;
    onCutOff(() => sent.resolve({ kind: 'failed', reason: 'fenced', detail: 'cut off' }));
    return sent.promise;
  };
  const regionPermission = {
    get open() {
      return state.open;
    },
    onCut: (listener: () => void) => {
      state.cut = listener;
      return () => undefined;
    },
  };
  const leave = (result: AttemptResult) => {
    seen.left.push(result);
    return { circuitOpened: false };
  };
  const attempts = new AttemptDelivery({
    region: 'us',
    lanes: NO_LANES,
    memory: new OwnOutput(),
    findEndpoint: () => endpoint,
    isDeleted: () => true,
    dispatches: { send: () => Promise.reject(new Error('no dispatch is expected')) },
    prepare: () => ({
      endpoint,
      headers: [],
      schedule: [5_000],
      send: (headers, _body, onCutOff) => {
        seen.headers.push(headers);
        return send(onCutOff);
      },
      keysAt: () => [],
    }),
    permission: new DeliveryPermission(regionPermission, () => undefined),
    enter: async () => ({ kind: 'admitted', leave }),
    appendAttempted: async (fact, scope, trace) => {
      seen.attempted.push({ ...fact, scope });
      seen.traces.push(trace);
    },
    appendRefused: async (fact, { scope }) => void seen.refused.push({ ...fact, scope }),
    scheduleDue: async (scheduled, dueMs) => void seen.scheduled.push({ due: scheduled, dueMs }),
    health: { gone: async () => undefined, succeeded: () => undefined, failed: () => undefined },
    holdBody: () => Promise.reject(new Error('no large payload is expected')),
    maxRetryAfterMs: 1_000,
    nowMs: () => NOW_MS,
    random: () => 0,
    ...ports,
  });
  return {
    attempts,
    state,
    seen,
    leave,
    answer: (status: number, phases?: AttemptPhases) => sent.resolve({ kind: 'answered', status, ...(phases && { phases }) }),
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('an attempt in a region that may stop to deliver', () => {
  it('is not begun when the region is closed, and nothing is said about it', async () => {
    const { attempts, state, seen } = region({ findEndpoint: () => undefined });
    state.open = false;
    expect(await attempts.attempt(due(), payload)).toBe('forbidden');
    expect(seen).toMatchObject({ attempted: [], refused: [], scheduled: [], left: [], sends: 0 });
  });

  it('is not begun when the region closes while it waits for its place', async () => {
    const place = Promise.withResolvers<Admission>();
    const { attempts, state, seen, leave } = region({ enter: () => place.promise });
    const end = attempts.attempt(due(), payload);
    state.open = false;
    place.resolve({ kind: 'admitted', leave });
    expect([await end, seen.sends, seen.left]).toEqual(['forbidden', 0, ['untried']]);
  });

  it('is not begun, nor given up, when the region closes while its payload is read', async () => {
    const { attempts, state, seen } = region();
    const read = Promise.withResolvers<undefined>();
    const end = attempts.attempt(due(), () => read.promise);
    await settle();
    state.open = false;
    read.resolve(undefined);
    expect([await end, seen.sends, seen.refused]).toEqual(['forbidden', 0, []]);
  });

  it('is recorded as cut off when the region is cut, and comes back whatever its number', async () => {
    const { attempts, state, seen } = region();
    const end = attempts.attempt(due({ attempt: 2 }), payload);
    await settle();
    state.open = false;
    state.cut();
    expect(await end).toBe('settled');
    expect(seen.attempted).toMatchObject([{ attempt: 2, outcome: { kind: 'retryable', reason: 'fenced' }, next: { kind: 'retry' } }]);
    expect([seen.left, seen.scheduled]).toMatchObject([['untried'], [{ due: { attempt: 3 }, dueMs: NOW_MS + 5_000 }]]);
  });

  it('of a strict tenant goes on, and its facts stay in their scope', async () => {
    const { attempts, state, seen, answer } = region();
    state.open = false;
    const end = attempts.attempt(due({ scope: 'l' }), payload);
    await settle();
    state.cut();
    answer(500);
    await end;
    expect(seen.attempted).toMatchObject([{ scope: 'l', outcome: { reason: 'http_status' } }]);
    expect(seen.scheduled).toMatchObject([{ due: { scope: 'l', attempt: 2 } }]);
  });

  it('is put off as it was, spread over time', async () => {
    const { attempts, seen } = region();
    for (let n = 0; n < 3; n += 1) await attempts.putOff(due({ parked: 1, notBeforeMs: n === 0 ? undefined : 7 }));
    expect(
      seen.scheduled.map(({ due: { attempt, parked, notBeforeMs }, dueMs }) => [attempt, parked, notBeforeMs, dueMs - NOW_MS]),
    ).toEqual([
      [1, 1, NOW_MS, 5_000],
      [1, 1, 7, 5_001],
      [1, 1, 7, 5_002],
    ]);
  });

  it('that cannot be made says so in its scope', async () => {
    const { attempts, seen } = region({ findEndpoint: () => undefined });
    await attempts.attempt(due({ scope: 'l' }), payload);
    expect(seen.refused).toMatchObject([{ scope: 'l', next: { reason: 'endpoint_deleted' } }]);
  });
});

it('an attempt tells its phases in whole milliseconds, none longer than itself', async () => {
  const clock = { nowMs: NOW_MS };
  const { attempts, seen, answer } = region({ nowMs: () => clock.nowMs });
  const end = attempts.attempt(due(), payload);
  await settle();
  clock.nowMs += 30;
  answer(204, { connectMs: 12.7, firstByteMs: 30.4 });
  await end;
  expect(seen.attempted).toMatchObject([{ durationMs: 30, phases: { connectMs: 12, firstByteMs: 30 } }]);
  expect(deliveryAttemptedSchema.parse(seen.attempted[0]).phases).toEqual({ connectMs: 12, firstByteMs: 30 });
});

describe('a delivery that a job makes', () => {
  const HOUR_MS = 3_600_000;
  const jobId = newJobId(NOW_MS - 1_000, new Uint8Array(10));
  const old = newEventId(NOW_MS - 100 * HOUR_MS, new Uint8Array(10));

  it('waits behind what is live, and says which job it is of', async () => {
    const asks: Ask[] = [];
    const headers: string[][] = [];
    const leave = () => ({ circuitOpened: false });
    const send: PreparedEndpoint['send'] = async (own) => {
      headers.push([...own]);
      return { kind: 'answered', status: 204 };
    };
    const { attempts } = region({
      enter: async (ask) => {
        asks.push(ask);
        return { kind: 'admitted', leave };
      },
      prepare: () => ({ endpoint, headers: [], schedule: [5_000], send, keysAt: () => [] }),
    });
    await attempts.attempt(due({ replay: jobId }), payload);
    await attempts.attempt(due({ deliveryId: deliveryIdOf(old, endpointId) }), payload);
    expect(asks.map(({ priority }) => priority)).toEqual(['retry', 'first']);
    const of = (one: readonly string[]) => Object.fromEntries(one.flatMap((name, n) => (n % 2 === 0 ? [[name, one[n + 1]]] : [])));
    expect(headers.map(of)).toMatchObject([{ 'waybill-replay': jobId, 'webhook-id': eventId }, { 'webhook-id': eventId }]);
    expect(headers[1]).not.toContain('waybill-replay');
  });

  it('of an old event waits for an endpoint that nobody knows yet, counted from the job', async () => {
    const unknown = { findEndpoint: () => undefined, isDeleted: () => false };
    const { attempts, seen } = region(unknown);
    await attempts.attempt(due({ eventId: old, deliveryId: replayDeliveryId(jobId, old, endpointId), replay: jobId }), payload);
    await attempts.attempt(due({ eventId: old, deliveryId: deliveryIdOf(old, endpointId), replay: jobId }), payload);
    expect([seen.scheduled, seen.refused]).toMatchObject([{ length: 2 }, []]);
    await attempts.attempt(due({ eventId: old, deliveryId: deliveryIdOf(old, 'ep_2' as EndpointId) }), payload);
    expect(seen.refused).toMatchObject([{ next: { reason: 'endpoint_deleted' } }]);
  });

  it('or any other ends without a try when an operator does not want it any more', async () => {
    const { attempts, seen } = region();
    expect(await attempts.attempt(due({ attempt: 3, skip: true }), payload)).toBe('settled');
    expect(await attempts.attempt(due({ attempt: 3 }), payload)).toBe('settled');
    expect([seen.sends, seen.refused]).toMatchObject([0, [{ next: { kind: 'dead_lettered', reason: 'skipped' } }]]);
  });
});

it('a delivery that comes after another one is put off for longer each time, and is new to the endpoint when its turn comes', async () => {
  const { attempts, seen } = region({
    findEndpoint: () => ({ ...endpoint, ordering: 'fifo' }),
    lanes: { ...NO_LANES, turn: async () => 'behind' },
  });
  const order = { key: 'a', region: 'us', seq: 2 };
  expect(await attempts.attempt(due({ order }), payload)).toBe('settled');
  await attempts.attempt(due({ order: { ...order, behind: 9 } }), payload);
  expect(seen.scheduled).toMatchObject([
    { dueMs: NOW_MS + 60_000, due: { parked: 0, order: { waits: true, behind: 1 } } },
    { dueMs: NOW_MS + 16 * 60_000, due: { parked: 0, order: { waits: true, behind: 10 } } },
  ]);
});

it('a delivery that is far behind others is put off before anything is read, unless its end is near', async () => {
  const order = { key: 'a', region: 'us', seq: 2, waits: true };
  const far = { ...NO_LANES, isFarBehind: () => true };
  const having = (changes: object) => region({ findEndpoint: () => ({ ...endpoint, ordering: 'fifo', ...changes }), lanes: far });
  const { attempts, seen } = having({});
  expect(await attempts.putBehind(due({ order, notBeforeMs: 0 }))).toBe(true);
  expect(seen.scheduled).toMatchObject([{ due: { notBeforeMs: NOW_MS, order: { waits: true, behind: 1 } } }]);
  expect(await attempts.putBehind(due({ order, skip: true }))).toBe(false);
  expect(await attempts.putBehind(due())).toBe(false);
  expect(await having({ ordering: 'none' }).attempts.putBehind(due({ order }))).toBe(false);
  expect(await having({ disabled: { at: 'now', reason: 'manual' } }).attempts.putBehind(due({ order }))).toBe(false);
});

describe('an attempt whose event is recorded', () => {
  const traceId = '1'.repeat(32);
  const context = { traceId, spanId: 'c'.repeat(16) };
  const places = { begin: () => undefined, childOf: () => context, newTraceId: () => '2'.repeat(32) };
  const trace = traceparentOf({ traceId, spanId: 'a'.repeat(16) });
  const attempted = async (ports: Partial<AttemptDeliveryPorts>, status: number, changes: Partial<DueDelivery> = { trace }) => {
    const made = region({ places, ...ports });
    const end = made.attempts.attempt(due(changes), payload);
    await settle();
    made.answer(status);
    await end;
    return made.seen;
  };
  const asking = { findEndpoint: () => ({ ...endpoint, traceContext: true }) };

  it('tells its place to an endpoint that asks for it, and to no other', async () => {
    const named = async (ports: Partial<AttemptDeliveryPorts>, changes?: Partial<DueDelivery>) => {
      const [headers = []] = (await attempted(ports, 204, changes)).headers;
      return headers[headers.indexOf('traceparent') + 1];
    };
    expect(await named(asking)).toBe(traceparentOf(context));
    expect((await attempted({}, 204)).headers.flat()).not.toContain('traceparent');
    expect((await attempted(asking, 204, {})).headers.flat()).not.toContain('traceparent');
  });

  it('has its fact stored from there, and its retry knows it', async () => {
    const { traces, scheduled } = await attempted({}, 500);
    expect(traces).toEqual([context]);
    expect(scheduled).toMatchObject([{ due: { attempt: 2, trace, lastTrace: traceparentOf(context) } }]);
  });

  it('keeps what it knows however often it is put off', async () => {
    const traced = { trace, lastTrace: traceparentOf(context) };
    const { attempts, seen } = region({ places, enter: async () => ({ kind: 'parked', reason: 'busy', dueMs: NOW_MS + 1_000 }) });
    await attempts.attempt(due(traced), payload);
    await attempts.putOff(due(traced));
    expect(seen.scheduled).toMatchObject([{ due: traced }, { due: traced }]);
  });
});
