import { type AcceptedType, CONSUMERS, type DeliveryId, dueDeliverySchema, peerConsumer, streamNames, subjects } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import type { NewestPlan } from '../ledger/deliveries-ledger.ts';
import type { AuditedRegion } from './stretch.ts';

/** What waits in consumers and schedules. Times are when the oldest waiting message was stored, ms since 1970; infinite when none waits. */
export interface Waiting {
  /** Whether an event that this region accepted then may still be planned. */
  mayBePlanned(region: string, storedMs: number): boolean;
  /** Whether a plan may still be on its way to the dispatcher of its region. */
  mayBeTaken(plan: NewestPlan): boolean;
  /** Whether some region has a schedule for the delivery. */
  hasSchedule(deliveryId: DeliveryId): Promise<boolean>;
  /** The deliveries whose schedule has fired and that nobody took yet; `many` when they are too many to look. */
  due(): Promise<ReadonlySet<string> | 'many'>;
}

/** Clocks of two servers, and the time between a fact and the message that says it. */
const MARGIN_MS = 60_000;
/** With more fired retries than these nobody looks which they are. */
const MOST_DUE = 10_000;

interface Consumer {
  readonly bus: Bus;
  readonly stream: string;
  readonly durable: string;
  readonly subject: string;
}

const PLANNERS: Readonly<Record<AcceptedType, string>> = { 'event.accepted': CONSUMERS.planner, 'run.completed': CONSUMERS.plannerRuns };

/** Looks at what waits in regions now. Throws when a region cannot be asked. */
export async function waitingIn(regions: readonly AuditedRegion[]): Promise<Waiting> {
  const toPlan = new Map<string, number>();
  const toTake = new Map<string, number>();
  for (const region of regions) {
    toPlan.set(region.id, await oldestOf(plannersOf(region)));
    for (const planner of regions) toTake.set(way(planner.id, region.id), await oldestOf(dispatchersOf(region, planner)));
  }
  return {
    mayBePlanned: (region, storedMs) => storedMs >= (toPlan.get(region) ?? 0),
    mayBeTaken: ({ by, deliverIn, madeMs }) => madeMs + MARGIN_MS >= (toTake.get(way(by, deliverIn)) ?? 0),
    hasSchedule: async (deliveryId) => {
      for (const { id, bus } of regions) {
        const subject = subjects.anySchedule(id, deliveryId);
        if ((await bus.jsm.direct.getMessage(streamNames(id).retry, { seq: 1, next_by_subj: subject })) !== null) return true;
      }
      return false;
    },
    due: () => dueIn(regions),
  };
}

function plannersOf({ id, bus }: AuditedRegion): Consumer[] {
  const { log: stream } = streamNames(id);
  const types = ['event.accepted', 'run.completed'] as const;
  return types.map((type) => ({ bus, stream, durable: PLANNERS[type], subject: subjects.factFilter(id, type) }));
}

/** Those that hand the plans of one region to the dispatcher of another, or of the same. */
function dispatchersOf({ id, bus }: AuditedRegion, planner: AuditedRegion): Consumer[] {
  const { log, peers } = streamNames(id);
  if (planner.id === id)
    return [
      { bus, stream: log, durable: CONSUMERS.dispatcherPlans, subject: subjects.plansFor(id, id, 'g') },
      { bus, stream: log, durable: CONSUMERS.dispatcherLocal, subject: subjects.plansFor(id, id, 'l') },
    ];
  const feed = {
    bus: planner.bus,
    stream: streamNames(planner.id).log,
    durable: peerConsumer(id),
    subject: subjects.replicated(planner.id),
  };
  return [{ bus, stream: peers, durable: CONSUMERS.dispatcherPeers, subject: subjects.peerPlansFor(id) }, feed];
}

const way = (planner: string, deliverIn: string): string => `${planner} ${deliverIn}`;

async function oldestOf(consumers: readonly Consumer[]): Promise<number> {
  return Math.min(...(await Promise.all(consumers.map(oldestMs))));
}

async function oldestMs({ bus, stream, durable, subject }: Consumer): Promise<number> {
  const { ack_floor: floor, num_pending: pending, num_ack_pending: unacked } = await bus.jsm.consumers.info(stream, durable);
  if (pending + unacked === 0) return Number.POSITIVE_INFINITY;
  const message = await bus.jsm.direct.getMessage(stream, { seq: floor.stream_seq + 1, next_by_subj: subject });
  return message?.time.getTime() ?? Number.POSITIVE_INFINITY;
}

async function dueIn(regions: readonly AuditedRegion[]): Promise<ReadonlySet<string> | 'many'> {
  const ids = new Set<string>();
  for (const { id, bus } of regions) {
    const { retry: stream } = streamNames(id);
    for (let seq = 1; ;) {
      const message = await bus.jsm.direct.getMessage(stream, { seq, next_by_subj: subjects.retryDue(id) });
      if (message === null) break;
      if (ids.size >= MOST_DUE) return 'many';
      const { data } = dueDeliverySchema.safeParse(message.json());
      if (data !== undefined) ids.add(data.deliveryId);
      seq = message.seq + 1;
    }
  }
  return ids;
}
