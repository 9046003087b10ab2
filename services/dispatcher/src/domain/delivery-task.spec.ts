import { dueDeliverySchema } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { remainingOf } from './delivery-task.ts';

const retry = { kind: 'retry', at: '2026-11-21T10:00:00.000Z' } as const;

describe('what is left to do for an attempt', () => {
  it('is the attempt when nothing is known', () => expect(remainingOf(1, undefined)).toEqual({ kind: 'attempt' }));
  it('is the attempt when only earlier ones were made', () =>
    expect(remainingOf(3, { attempt: 2, next: retry })).toEqual({ kind: 'attempt' }));
  it('is nothing when a later one was made', () => expect(remainingOf(1, { attempt: 2, next: retry })).toEqual({ kind: 'nothing' }));
  it('is the schedule when it was made and a retry follows', () => {
    expect(remainingOf(2, { attempt: 2, next: retry })).toEqual({ kind: 'schedule', dueMs: Date.parse(retry.at) });
  });
  it.each([
    { kind: 'delivered' },
    { kind: 'dead_lettered', reason: 'endpoint_gone' },
    { kind: 'denied', reason: 'egress_denied' },
  ] as const)('is nothing when it ended as $kind, whatever attempt is asked for', (next) =>
    expect(remainingOf(9, { attempt: 2, next })).toEqual({ kind: 'nothing' }),
  );
});

it('reads a fired schedule of a writer that did not count parking and knew one scope', () => {
  const body = {
    v: 1,
    deliveryId: 'dlv_1',
    eventId: 'evt_1',
    tenantId: 'acme',
    endpointId: 'ep_1',
    attempt: 2,
    plan: { stream: 'LOG_LOCAL', seq: 7 },
  };
  expect(dueDeliverySchema.parse(body)).toMatchObject({ attempt: 2, parked: 0, scope: 'g' });
});
