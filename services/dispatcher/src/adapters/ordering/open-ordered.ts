import { streamNames, subjects } from '@waybill/contracts';
import { type Bus, scanStream } from '@waybill/transport';
import { duesOf, readPlan } from '../../application/deliver-plan.ts';
import type { ReadOrdered } from '../../application/ordering/ordered-lanes.ts';
import type { Persistence } from '../../application/persistence.ts';
import { readDue } from '../../application/retry-due.ts';
import { type PlanConsumer, planConsumers } from '../plan-consumers.ts';

export interface OpenOrderedParts {
  readonly bus: Bus;
  readonly region: string;
  readonly hasPeers: boolean;
  readonly persistence: Pick<Persistence, 'until'>;
}

type Visit = Parameters<ReadOrdered>[0];

const BATCH = 500;

/**
 * Reads the deliveries with an order that a region has scheduled, and then those whose schedules fired, for one becomes the other. Requests are repeated until
 * NATS answers.
 */
export function readScheduled({ bus, region, persistence }: OpenOrderedParts): ReadOrdered {
  const { retry } = streamNames(region);
  return async (visit) => {
    const note = (body: Uint8Array): void => {
      const due = readDue(body);
      if (due?.order !== undefined) visit(due);
    };
    await persistence.until(() => walk(bus, { stream: retry, subject: subjects.orderedSchedules(region) }, note));
    await persistence.until(() => walk(bus, { stream: retry, subject: subjects.retryDue(region) }, note));
  };
}

/** Reads those that the plan consumers have handed out and not settled; some of them may have ended. Requests are repeated until NATS answers. */
export function readHandedOut({ bus, region, hasPeers, persistence }: OpenOrderedParts): ReadOrdered {
  return async (visit) => {
    for (const consumer of planConsumers(region, hasPeers)) await persistence.until(() => readUnsettled(bus, consumer, visit));
  };
}

/**
 * A work queue has no second consumer, so its messages are asked for, many at a time. Any replica answers that; whether there are more only the leader knows.
 * Rejects when a replica lags, too: what was visited is then visited again.
 */
async function walk(bus: Bus, { stream, subject }: { stream: string; subject: string }, visit: (body: Uint8Array) => void): Promise<void> {
  const { direct, streams } = bus.jsm;
  const nextFrom = (seq: number) => {
    // The client sends on what its types do not name (nats.js 3.4).
    const query = { seq, next_by_subj: subject };
    return streams.getMessage(stream, query);
  };
  for (let next = await nextFrom(1); next !== null;) {
    let { seq } = next;
    for await (const message of await direct.getBatch(stream, { seq, batch: BATCH, next_by_subj: subject })) {
      visit(message.data);
      seq = message.seq;
    }
    next = await nextFrom(seq + 1);
  }
}

async function readUnsettled(bus: Bus, { stream, durable, subject }: PlanConsumer, visit: Visit): Promise<void> {
  const { ack_floor: floor, delivered, num_ack_pending: pending } = await bus.jsm.consumers.info(stream, durable);
  if (pending === 0) return;
  const range = { fromSeq: floor.stream_seq + 1, toSeq: delivered.stream_seq };
  await scanStream(bus, { stream, subjects: [subject], ...range }, (message) => {
    const plan = readPlan(message.body);
    if (plan?.head.event.orderingKey === undefined) return;
    for (const due of duesOf(plan.head, message)) if (due.order !== undefined) visit(due);
  });
}
