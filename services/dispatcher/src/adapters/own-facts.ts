import {
  type Consequence,
  deliveryAttemptedSchema,
  deliveryRefusedSchema,
  parseFactSubject,
  streamNames,
  subjects,
} from '@waybill/contracts';
import { type Bus, type Incoming, scanStream } from '@waybill/transport';
import type { ReadOwnFacts } from '../application/own-output.ts';
import { planConsumers, type PlanConsumer } from './plan-consumers.ts';

/**
 * Reads the dispatcher's own facts from the place on where unsettled work may have begun: the ack floor of a plan consumer, or the oldest fired
 * schedule that still waits, whichever is earliest. With nothing unsettled it reads nothing.
 */
export function ownFactsOf(bus: Bus, region: string, hasPeers: boolean): ReadOwnFacts {
  const { log } = streamNames(region);
  const filters = [subjects.factFilter(region, 'delivery.attempted'), subjects.factFilter(region, 'delivery.refused')];
  return async (visit, sinceMs) => {
    const startedMs = Date.now();
    const fromTimeMs = sinceMs ?? (await oldestUnsettledMs(bus, region, hasPeers));
    if (fromTimeMs === undefined) return startedMs;
    await scanStream(bus, { stream: log, subjects: filters, fromTimeMs }, (message) => {
      const fact = readOwnFact(message);
      if (fact !== undefined) visit(fact.deliveryId, fact);
    });
    return fromTimeMs;
  };
}

async function oldestUnsettledMs(bus: Bus, region: string, hasPeers: boolean): Promise<number | undefined> {
  const plans = planConsumers(region, hasPeers).map((consumer) => oldestPlanMs(bus, consumer));
  const due = timeOfNextMs(bus, streamNames(region).retry, subjects.retryDue(region), 1);
  const known = (await Promise.all([...plans, due])).filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** PEERS stamps copies with the time of their arrival, so all times here are those of one server. */
async function oldestPlanMs(bus: Bus, { stream, durable, subject }: PlanConsumer): Promise<number | undefined> {
  const { ack_floor: floor } = await bus.jsm.consumers.info(stream, durable);
  return timeOfNextMs(bus, stream, subject, floor.stream_seq + 1);
}

/** When the first message of `subject` at or after `seq` was stored; undefined when there is none. */
async function timeOfNextMs(bus: Bus, stream: string, subject: string, seq: number): Promise<number | undefined> {
  const message = await bus.jsm.direct.getMessage(stream, { seq, next_by_subj: subject });
  return message?.time.getTime();
}

type OwnFact = Parameters<Parameters<ReadOwnFacts>[0]>[1] & { readonly deliveryId: Parameters<Parameters<ReadOwnFacts>[0]>[0] };

/** A refusal carries no attempt number; it ended the delivery, which is all that counts. */
const ENDED = Number.MAX_SAFE_INTEGER;

function readOwnFact(message: Incoming): OwnFact | undefined {
  const body: unknown = JSON.parse(Buffer.from(message.body).toString('utf8'));
  if (parseFactSubject(message.subject)?.type === 'delivery.refused') {
    const { data } = deliveryRefusedSchema.safeParse(body);
    return data === undefined ? undefined : ownFact(data.deliveryId, ENDED, data.next);
  }
  const { data } = deliveryAttemptedSchema.safeParse(body);
  return data === undefined ? undefined : ownFact(data.deliveryId, data.attempt, data.next);
}

const ownFact = (deliveryId: OwnFact['deliveryId'], attempt: number, next: Consequence): OwnFact => ({ deliveryId, attempt, next });
