import { openDeliveriesIn, type OpenDelivery } from '@waybill/audit';
import { CONSUMERS, type DueDelivery, dueDeliverySchema, streamNames, subjects } from '@waybill/contracts';
import { type Bus, Publisher, publishSchedule } from '@waybill/transport';

export interface RearmOptions {
  readonly region: string;
  readonly hasPeers: boolean;
  readonly tell: (line: string) => void;
}

/**
 * Gives every delivery that a restored region must bring to its end, and that nothing would bring up any more, a schedule: LOG, PEERS and RETRY are of
 * different moments, and what had its schedule in one moment may have none in the other. Resolves with how many got one. May be run again: a delivery that
 * has a schedule is left alone, and the dispatcher knows an attempt again that was made meanwhile.
 */
export async function rearm(bus: Bus, { region, hasPeers, tell }: RearmOptions): Promise<number> {
  const nowMs = Date.now();
  const open = await openDeliveriesIn({ bus, region, hasPeers });
  const owed = open.filter(({ heldBy }) => heldBy === region);
  const [waiting, ahead] = [await waitingIn(bus, region), await notHandedOut(bus, region, hasPeers)];
  // Those of one ordering key fire in their order.
  const lost = owed
    .filter((delivery) => !waiting.has(delivery.deliveryId) && !ahead(delivery))
    .toSorted((one, other) => one.event.seq - other.event.seq);
  tell(`${open.length} deliveries have no end; ${owed.length} of them are this region's, ${lost.length} of these need a schedule`);
  const publisher = new Publisher(bus);
  try {
    for (let start = 0; start < lost.length; start += BATCH)
      await Promise.all(lost.slice(start, start + BATCH).map((delivery) => arm(publisher, region, delivery, nowMs)));
  } finally {
    publisher.close();
  }
  return lost.length;
}

const BATCH = 256;

/** Deliveries with a schedule, or with one that has fired and was not worked off. */
async function waitingIn(bus: Bus, region: string): Promise<Set<string>> {
  const { retry } = streamNames(region);
  const { state } = await bus.jsm.streams.info(retry, { subjects_filter: subjects.retryFilter(region) });
  const found = new Set(Object.keys(state.subjects ?? {}).map((subject) => subject.slice(subject.lastIndexOf('.') + 1)));
  for (let seq = 1; ;) {
    const message = await bus.jsm.direct.getMessage(retry, { seq, next_by_subj: subjects.retryDue(region) });
    if (message === null) return found;
    const { data: due } = dueDeliverySchema.safeParse(message.json());
    if (due !== undefined) found.add(due.deliveryId);
    seq = message.seq + 1;
  }
}

/** Whether a delivery's plan was handed out to no dispatcher yet, so that one will get it anyway. */
async function notHandedOut(bus: Bus, region: string, hasPeers: boolean): Promise<(delivery: OpenDelivery) => boolean> {
  const { log, peers } = streamNames(region);
  const deliveredOf = async (stream: string, durable: string): Promise<number> =>
    (await bus.jsm.consumers.info(stream, durable)).delivered.stream_seq;
  const [plans, local, copied] = [
    await deliveredOf(log, CONSUMERS.dispatcherPlans),
    await deliveredOf(log, CONSUMERS.dispatcherLocal),
    hasPeers ? await deliveredOf(peers, CONSUMERS.dispatcherPeers) : 0,
  ];
  return ({ plan, scope, last }) => {
    const delivered = plan.stream === peers ? copied : scope === 'l' ? local : plans;
    return last === undefined && plan.seq > delivered;
  };
}

/** From the next attempt on, when the last one said, or now. */
function arm(publisher: Publisher, region: string, delivery: OpenDelivery, nowMs: number): Promise<unknown> {
  const { deliveryId, last } = delivery;
  const due = dueOf(delivery, nowMs);
  const retryMs = last?.next.kind === 'retry' ? Date.parse(last.next.at) : nowMs;
  const schedule = {
    region,
    deliveryId,
    attempt: due.attempt,
    dueMs: Math.max(nowMs, retryMs),
    body: JSON.stringify(due),
    isOrdered: due.order !== undefined,
  };
  return publishSchedule(publisher.publish, schedule);
}

function dueOf(
  { deliveryId, eventId, tenantId, endpointId, scope, plan, replay, isDispatch, last, event }: OpenDelivery,
  nowMs: number,
): DueDelivery {
  const attempt = (last?.attempt ?? 0) + 1;
  const { orderingKey: key, region, seq } = event;
  return {
    v: 1,
    deliveryId,
    eventId,
    tenantId,
    endpointId,
    scope,
    attempt,
    parked: 0,
    // All facts of before were looked at.
    notBeforeMs: nowMs,
    plan,
    ...(replay === undefined ? {} : { replay }),
    ...(key === undefined ? {} : { order: { key, region, seq } }),
    // What was called after the backup was made is not known any more, so it is looked for; and how many attempts counted is not told.
    ...(isDispatch ? { lookFirst: true, uncounted: attempt - 1 } : {}),
  };
}
