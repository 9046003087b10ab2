import {
  type Endpoint,
  type EventId,
  type EventRefused,
  type EventSchema,
  HEADERS,
  joinRawData,
  type PlanHead,
  subjects,
} from '@waybill/contracts';
import type { Handled, Incoming, Publish } from '@waybill/transport';
import { chooseEndpoints } from '../domain/choose-endpoints.ts';
import { makePlan } from '../domain/make-plan.ts';
import { type AboutRefused, readAccepted } from './read-accepted.ts';

/** What planning needs of the registry. */
export interface Subscriptions {
  readonly revision: number;
  atLeast(revision: number, budgetMs: number): Promise<boolean>;
  endpointsOf(tenantId: string): readonly Endpoint[];
}

/** The events that this service has planned or refused before, as far as they can be handed out again. */
export interface PlannedBefore {
  /** Settles when what was written before a start or a lost connection is known again. */
  readonly loaded: Promise<void>;
  has(seq: number): boolean;
  add(seq: number): void;
}

export interface PlanEventPorts {
  readonly region: string;
  readonly schema: EventSchema;
  readonly subscriptions: Subscriptions;
  readonly plannedBefore: PlannedBefore;
  readonly publish: Publish;
  readonly nowMs: () => number;
}

export type PlanEvent = (message: Incoming) => Promise<Handled>;

/** How long planning waits for the registry to catch up with what the ingress had seen. */
const REGISTRY_BUDGET_MS = 1_000;
const DONE: Handled = { kind: 'done' };

/**
 * Plans one accepted event: gates its version, matches subscriptions, appends the plan or the refusal, and only then says done.
 * An event met again (crash between append and ack) is recognised by its sequence and not planned twice.
 */
export function planEvent(ports: PlanEventPorts): PlanEvent {
  return async (message) => {
    await ports.plannedBefore.loaded;
    if (ports.plannedBefore.has(message.seq)) return DONE;
    const reading = readAccepted(message.body, ports.region, ports.schema);
    if (reading.kind === 'refused') {
      await refuse(ports, message, reading);
      return DONE;
    }
    const wanted = Number(message.header(HEADERS.registryRevision)) || 0;
    if (!(await ports.subscriptions.atLeast(wanted, REGISTRY_BUDGET_MS))) {
      return { kind: 'again', delayMs: 1_000, reason: `the registry is behind revision ${wanted}` };
    }
    const endpoints = chooseEndpoints(reading.event.eventType, ports.subscriptions.endpointsOf(reading.event.tenantId), () =>
      parse(reading.data),
    );
    const { revision: registryRevision } = ports.subscriptions;
    const plan = makePlan({
      event: reading.event,
      endpoints,
      region: ports.region,
      acceptedSeq: message.seq,
      registryRevision,
      nowMs: ports.nowMs(),
    });
    await append(ports, plan, reading.data);
    ports.plannedBefore.add(message.seq);
    return DONE;
  };
}

async function append({ region, publish }: PlanEventPorts, plan: PlanHead, data: Buffer): Promise<void> {
  await publish({
    subject: subjects.plan(region, 'g', plan.region),
    body: joinRawData(plan, data),
    msgId: planMsgId(plan.event.eventId, plan.region),
  });
}

const planMsgId = (eventId: EventId, deliverIn: string): string => `plan:${eventId}:${deliverIn}`;

/** Appends the fact that an event was set aside. Also the way of poison messages. */
export async function refuse(
  ports: Pick<PlanEventPorts, 'region' | 'publish' | 'nowMs' | 'plannedBefore'>,
  message: Incoming,
  refusal: Pick<EventRefused, 'verdict' | 'detail'> & { readonly about: AboutRefused },
): Promise<void> {
  const { region } = ports;
  const { about, verdict, detail } = refusal;
  const fact = { v: 1, ...about, verdict, detail, region, seq: message.seq, at: new Date(ports.nowMs()).toISOString() };
  const msgId = `refused:${region}:${message.seq}`;
  await ports.publish({ subject: subjects.fact(region, 'g', 'event.refused'), body: JSON.stringify(fact), msgId });
  ports.plannedBefore.add(message.seq);
}

function parse(data: Buffer): unknown {
  return JSON.parse(data.toString('utf8'));
}
