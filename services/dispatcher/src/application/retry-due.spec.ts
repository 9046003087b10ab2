import { deliveryIdOf, type EndpointId, joinRawData, newEventId, type TenantId, type DueDelivery } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import type { AttemptEnd } from './attempt-delivery.ts';
import type { Payload } from './payload.ts';
import { plannedDelivery } from './dispatch/testing/planned.ts';
import { NO_LANES } from './ordering/testing/no-lanes.ts';
import { retryDue, type RetryDuePorts } from './retry-due.ts';

const [EVENT, OTHER] = [newEventId(1, new Uint8Array(10)), newEventId(2, new Uint8Array(10))];
const at = '2026-11-21T10:00:00.000Z';
const endpointId = 'ep_1' as EndpointId;
const due: DueDelivery = {
  v: 1,
  deliveryId: deliveryIdOf(EVENT, endpointId),
  eventId: EVENT,
  tenantId: 'acme' as TenantId,
  endpointId,
  scope: 'g',
  attempt: 2,
  parked: 1,
  plan: { stream: 'PEERS_EU', seq: 3 },
};

function planOf(eventId: string): Uint8Array {
  const event = { eventId, eventType: 'order.paid', tenantId: 'acme', source: 'api', region: 'us', timestamp: at, correlationId: eventId };
  const head = { v: 1, event, region: 'eu', acceptedSeq: 1, registryRevision: 0, deliveries: [], at };
  return joinRawData(head, Buffer.from(`"${eventId}"`));
}

function ports(stored: Readonly<Record<number, string>>, end: AttemptEnd = 'settled') {
  const seen = { payloads: [] as (Payload | undefined)[], putOff: [] as DueDelivery[] };
  const made: RetryDuePorts = {
    lanes: NO_LANES,
    attempts: {
      attempt: async (_due, load) => {
        seen.payloads.push(await load());
        return end;
      },
      putOff: async (put) => void seen.putOff.push(put),
      putBehind: async () => false,
    },
    covered: async () => undefined,
    readMessage: async (_stream, seq) => {
      const eventId = stored[seq];
      return eventId === undefined ? undefined : planOf(eventId);
    },
    findPlan: async (_stream, { eventId }) => Object.entries(stored).flatMap(([seq, kept]) => (kept === eventId ? [Number(seq)] : [])),
  };
  return { seen, made };
}

const fire = async (stored: Readonly<Record<number, string>>, end?: AttemptEnd) => {
  const { seen, made } = ports(stored, end);
  return { ...seen, settled: await retryDue(made, Buffer.from(JSON.stringify(due))) };
};
const bodies = (payloads: readonly (Payload | undefined)[]) => payloads.map((payload) => payload && Buffer.from(payload.body).toString());

describe('a fired retry', () => {
  it.each([
    ['where it was', { 3: EVENT }],
    ['elsewhere, when something else is there now', { 3: OTHER, 9: EVENT }],
    ['elsewhere, when nothing is there any more', { 9: EVENT }],
  ])('finds its plan %s', async (_where, stored) => {
    const { payloads, settled } = await fire(stored);
    expect([bodies(payloads), settled]).toEqual([[`"${EVENT}"`], { kind: 'done' }]);
  });

  it('has lost its payload only when it is nowhere', async () => {
    expect((await fire({ 3: OTHER })).payloads).toEqual([undefined]);
  });

  it('of a workflow dispatch wants the plan that says what to call', async () => {
    const planned = plannedDelivery(Date.now(), 1);
    const { eventId } = planned.due;
    const { made, seen } = ports({});
    const withDispatch = (dispatch: boolean) => {
      const event = {
        eventId,
        eventType: 'x.y',
        tenantId: 'gh-acme',
        source: 'github',
        region: 'us',
        timestamp: at,
        correlationId: eventId,
      };
      const deliveries = dispatch ? [{ ...planned.due, dispatch: planned.target }] : [{ deliveryId: 'dlv_other', endpointId: 'ep_1' }];
      return joinRawData({ v: 1, event, region: 'eu', acceptedSeq: 1, registryRevision: 0, deliveries, at }, Buffer.from('{}'));
    };
    const readMessage = async (_stream: string, seq: number) => withDispatch(seq === 9);
    await retryDue({ ...made, readMessage, findPlan: async () => [7, 9] }, Buffer.from(JSON.stringify(planned.due)));
    expect(seen.payloads).toMatchObject([{ dispatch: { target: planned.target, region: 'eu', acceptedIn: 'us', isRepeat: true } }]);
  });

  it('that may not be made now is put off as it was, and stands in nobody’s way', async () => {
    expect(await fire({ 3: EVENT }, 'forbidden')).toMatchObject({ putOff: [due], settled: { kind: 'done' } });
  });
});
