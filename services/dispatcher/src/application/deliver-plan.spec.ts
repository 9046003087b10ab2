import {
  deliveryIdOf,
  type DueDelivery,
  type EndpointId,
  joinRawData,
  newEventId,
  newJobId,
  planHeadSchema,
  splitRawData,
  type TenantId,
} from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import type { AttemptDelivery, AttemptEnd } from './attempt-delivery.ts';
import type { Payload } from './payload.ts';
import { deliverPlan, type DeliverPlanPorts, type PlanMessage } from './deliver-plan.ts';
import { NO_LANES } from './ordering/testing/no-lanes.ts';
import { plannedDelivery } from './dispatch/testing/planned.ts';

const EVENT = newEventId(1_700_000_000_000, new Uint8Array(10));
const ENDPOINTS = ['ep_1', 'ep_2'] as EndpointId[];
const at = '2026-11-21T10:00:00.000Z';

function plan(changes: Partial<PlanMessage> = {}): PlanMessage {
  const event = {
    eventId: EVENT,
    eventType: 'order.paid',
    tenantId: 'acme',
    source: 'api',
    region: 'us',
    timestamp: at,
    correlationId: EVENT,
  };
  const deliveries = ENDPOINTS.map((endpointId) => ({ deliveryId: deliveryIdOf(EVENT, endpointId), endpointId }));
  const head = { v: 1, event, region: 'eu', acceptedSeq: 1, registryRevision: 7, deliveries, at };
  const body = joinRawData(head, Buffer.from('{}'));
  return { stream: 'PEERS_EU', seq: 3, subject: 'wb.us.g.plan.made.eu', body, deliveryCount: 1, ...changes };
}

function ports(ends: readonly AttemptEnd[], more: Partial<DeliverPlanPorts> = {}) {
  const seen = { asked: [] as DueDelivery[], putOff: [] as string[], registry: [] as unknown[] };
  const made: DeliverPlanPorts = {
    lanes: NO_LANES,
    attempts: {
      attempt: async (due) => {
        seen.asked.push(due);
        return ends[seen.asked.length - 1] ?? 'settled';
      },
      putOff: async ({ endpointId }) => void seen.putOff.push(endpointId),
    },
    recovered: async () => undefined,
    registryAtLeast: async (region, revision) => {
      seen.registry.push([region, revision]);
      return true;
    },
    isKnown: () => true,
    ...more,
  };
  return { seen, made };
}

describe('a plan', () => {
  it('of another region waits for that region’s registry, and is told where it is kept', async () => {
    const { seen, made } = ports([]);
    expect(await deliverPlan(made, plan())).toEqual({ kind: 'done' });
    expect(seen.registry).toEqual([['us', 7]]);
    expect(seen.asked).toMatchObject([
      { endpointId: 'ep_1', tenantId: 'acme' as TenantId, scope: 'g', plan: { stream: 'PEERS_EU', seq: 3 } },
      { endpointId: 'ep_2' },
    ]);
  });

  it('keeps its scope', async () => {
    const { seen, made } = ports([]);
    await deliverPlan(made, plan({ subject: 'wb.eu.l.plan.made.eu' }));
    expect(seen.asked.map(({ scope }) => scope)).toEqual(['l', 'l']);
  });

  it('says of a workflow dispatch what to call, and to look first when it was planned in the place of another region', async () => {
    const { due, target } = plannedDelivery(Date.now(), 1);
    const event = { ...due, eventType: 'x.y', source: 'github', region: 'us', timestamp: at, correlationId: due.eventId };
    const deliveries = [{ deliveryId: due.deliveryId, endpointId: due.endpointId, dispatch: target }];
    const body = joinRawData({ v: 1, event, region: 'eu', acceptedSeq: 1, registryRevision: 7, deliveries, at }, Buffer.from('{}'));
    const asked = async (subject: string, deliveryCount: number) => {
      const payloads: (Payload | undefined)[] = [];
      const { made } = ports([]);
      const attempt: AttemptDelivery['attempt'] = async (one, load) => {
        payloads.push(await load());
        return one.lookFirst === true ? 'settled' : 'busy';
      };
      const end = await deliverPlan({ ...made, attempts: { ...made.attempts, attempt } }, plan({ subject, body, deliveryCount }));
      return { looks: end.kind === 'done', dispatch: payloads[0]?.dispatch };
    };
    const dispatch = { target, region: 'eu', acceptedIn: 'us', plannedMs: Date.parse(at), isRepeat: false };
    expect(await asked('wb.us.g.plan.made.eu', 1)).toEqual({ looks: false, dispatch });
    expect(await asked('wb.eu.g.plan.made.eu', 2)).toEqual({ looks: true, dispatch: { ...dispatch, isRepeat: true } });
  });

  it('goes on without a registry that does not arrive, once it knows the endpoints', async () => {
    const registryAtLeast = async () => false;
    const ends = async (deliveryCount: number, isKnown: boolean) =>
      (await deliverPlan(ports([], { registryAtLeast, isKnown: () => isKnown }).made, plan({ deliveryCount }))).kind;
    expect([await ends(10, true), await ends(11, false), await ends(11, true)]).toEqual(['again', 'again', 'done']);
  });

  it('that may not be delivered now is given back, and after that put off, each delivery on its own', async () => {
    const forbidden = ports(['settled', 'forbidden']);
    expect(await deliverPlan(forbidden.made, plan({ deliveryCount: 3 }))).toEqual({ kind: 'again', delayMs: 1_000 });
    expect(forbidden.seen.putOff).toEqual([]);
    const again = ports(['settled', 'forbidden']);
    expect(await deliverPlan(again.made, plan({ deliveryCount: 4 }))).toEqual({ kind: 'done' });
    expect(again.seen.putOff).toEqual(['ep_2']);
  });

  it('that a job made asks for what was done since the job, however old its event is, and has no order', async () => {
    const jobId = newJobId(1_800_000_000_000, new Uint8Array(10));
    const asked = async (more: object, key: string | undefined) => {
      const since: (number | undefined)[] = [];
      const entered: DueDelivery[] = [];
      const left: DueDelivery[] = [];
      const lanes = { enter: (due: DueDelivery) => void entered.push(due), leave: (due: DueDelivery) => void left.push(due) };
      const { made } = ports([], { recovered: async (sinceMs) => void since.push(sinceMs), lanes });
      const { head, data } = splitRawData(plan().body);
      const { event } = planHeadSchema.parse(head);
      const body = joinRawData({ ...Object(head), event: { ...event, orderingKey: key }, ...more }, data);
      await deliverPlan(made, plan({ body }));
      expect(left).toEqual(entered);
      return { since, marks: entered.map(({ replay, order }) => ({ replay, order })) };
    };
    const order = { key: 'k', region: 'us', seq: 1 };
    const two = <T>(one: T): T[] => [one, one];
    expect(await asked({ replay: { jobId, kind: 'replay' } }, 'k')).toEqual({
      since: [1_800_000_000_000],
      marks: two({ replay: jobId, order: undefined }),
    });
    expect(await asked({}, 'k')).toEqual({ since: [1_700_000_000_000], marks: two({ replay: undefined, order }) });
    expect(await asked({}, undefined)).toMatchObject({ marks: two({ order: undefined }) });
  });

  it('is poison when it cannot be read', async () => {
    expect(await deliverPlan(ports([]).made, plan({ body: Buffer.from('{') }))).toMatchObject({ kind: 'poison' });
  });
});
