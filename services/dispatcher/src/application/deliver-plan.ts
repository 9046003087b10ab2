import {
  type DeliveryId,
  type EndpointId,
  parseFactSubject,
  type PlanHead,
  planHeadSchema,
  splitRawData,
  type TenantId,
  type DueDelivery,
  timeOfId,
  type TraceContext,
  traceparentOf,
} from '@waybill/contracts';
import type { OrderedLanes } from './ordering/ordered-lanes.ts';
import type { AttemptDelivery, AttemptEnd } from './attempt-delivery.ts';
import type { LoadPayload, Payload } from './payload.ts';

/** A plan as it was read from the LOG, or from PEERS. */
export interface PlanMessage {
  readonly stream: string;
  readonly seq: number;
  readonly subject: string;
  readonly body: Uint8Array;
  /** 1 for the first time that it is handed out. */
  readonly deliveryCount: number;
  /** Where its handling stands in a trace; absent: not recorded. */
  readonly trace?: TraceContext | undefined;
}

/** What became of a message; `again` gives it back for later. */
export type MessageEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly delayMs: number }
  | { readonly kind: 'poison'; readonly reason: string };

export interface DeliverPlanPorts {
  readonly attempts: Pick<AttemptDelivery, 'attempt' | 'putOff'>;
  readonly lanes: Pick<OrderedLanes, 'enter' | 'leave'>;
  /** Waits until the memory of own output is complete, back to `sinceMs` (ms since 1970) where that is known. */
  readonly recovered: (sinceMs: number | undefined) => Promise<void>;
  /** Waits until this much of a region's registry was seen; false when that takes longer than `budgetMs`. */
  readonly registryAtLeast: (region: string, revision: number, budgetMs: number) => Promise<boolean>;
  /** Whether the registry knows this endpoint. */
  readonly isKnown: (tenantId: TenantId, endpointId: EndpointId) => boolean;
}

const REGISTRY_BUDGET_MS = 2_000;
const REGISTRY_AGAIN_MS = 1_000;
/**
 * After so many tries of three seconds the registry of the plan's region does not arrive: its link is broken, or the region died in between. What is
 * known must do then; an endpoint that is not known may still come, so it is waited for.
 */
const REGISTRY_TRIES = 10;
/** Work that runs elsewhere in this process is looked at again after this. */
const BUSY_AGAIN_MS = 5_000;
const FORBIDDEN_AGAIN_MS = 1_000;
/** A plan that is given back counts against what may be unsettled, so it is put off by a schedule when the region stays closed. */
const FORBIDDEN_TRIES = 3;
/** Deliveries of one plan that are under way at once; a fan-out of thousands must not take every place at a stroke. */
const PER_PLAN = 64;

/** Attempts every delivery of one plan once. The message is done when each was attempted, parked or put off. */
export async function deliverPlan(ports: DeliverPlanPorts, message: PlanMessage): Promise<MessageEnd> {
  const plan = readPlan(message.body);
  if (plan === undefined) return { kind: 'poison', reason: 'the plan cannot be read' };
  const dues = duesOf(plan.head, message);
  for (const due of dues) ports.lanes.enter(due);
  try {
    return await deliverDues(ports, { plan, dues, message });
  } finally {
    for (const due of dues) ports.lanes.leave(due);
  }
}

interface Work {
  readonly plan: Plan;
  readonly dues: readonly DueDelivery[];
  readonly message: PlanMessage;
}

async function deliverDues(ports: DeliverPlanPorts, { plan, dues, message }: Work): Promise<MessageEnd> {
  await ports.recovered(plannedSinceMs(plan.head));
  if (!(await isRegistryReady(ports, plan.head, message))) return { kind: 'again', delayMs: REGISTRY_AGAIN_MS };
  const isRepeat = message.deliveryCount > 1;
  const attempt = (due: DueDelivery): Promise<AttemptEnd> =>
    attemptOnce(ports, due, async () => payloadFrom(plan, due.deliveryId, isRepeat), message);
  return messageEndOf(await eachWithLimit(dues, PER_PLAN, attempt));
}

/** The first attempts that a plan asks for. */
export function duesOf(head: PlanHead, { stream, seq, subject, trace }: PlanMessage): DueDelivery[] {
  const { event, deliveries } = head;
  const { eventId, tenantId } = event;
  const { scope, region } = originOf(subject);
  const plan = { stream, seq };
  // Who plans in the place of the region that took the event in does not know what that one's own plan led to.
  const lookFirst = region !== event.region;
  const marks = { ...marksOf(head), ...(trace === undefined ? {} : { trace: traceparentOf(trace) }) };
  return deliveries.map(({ deliveryId, endpointId, dispatch }) => {
    const due = { v: 1, deliveryId, eventId, tenantId, endpointId, scope, attempt: 1, parked: 0, plan, ...marks } as const;
    return dispatch !== undefined && lookFirst ? { ...due, lookFirst } : due;
  });
}

/** What all deliveries of a plan carry along until they end. What a job sends again has no order. */
export function marksOf({ event, acceptedSeq, replay }: PlanHead): Pick<DueDelivery, 'replay' | 'order'> {
  if (replay !== undefined) return { replay: replay.jobId };
  return event.orderingKey === undefined ? {} : { order: { key: event.orderingKey, region: event.region, seq: acceptedSeq } };
}

/** The time before which nothing can have been done about the deliveries of a plan, ms since 1970; see `owedSinceMs`. */
export function plannedSinceMs({ event, replay }: PlanHead): number | undefined {
  return timeOfId(replay?.jobId ?? event.eventId);
}

/** What a plan says about one of its deliveries. `isRepeat`: it may have been worked on before. */
export function payloadFrom({ head, data }: Plan, deliveryId: DeliveryId, isRepeat: boolean): Payload {
  const { eventType, correlationId, region: acceptedIn, bodyRef } = head.event;
  const target = head.deliveries.find((delivery) => delivery.deliveryId === deliveryId)?.dispatch;
  const { region } = head;
  const dispatch = target === undefined ? undefined : { target, region, acceptedIn, plannedMs: Date.parse(head.at), isRepeat };
  const about = { eventType, correlationId, acceptedIn, body: data };
  return { ...about, ...(bodyRef === undefined ? {} : { bodyRef }), ...(dispatch === undefined ? {} : { dispatch }) };
}

/** The region that wrote a fact, and its scope. Throws on any other subject, for the streams hold none. */
export function originOf(subject: string): { region: string; scope: DueDelivery['scope'] } {
  const origin = parseFactSubject(subject);
  if (origin === undefined) throw new Error(`${subject} is not the subject of a fact`);
  return origin;
}

/** The worst end decides: a message is done only when all of its work is. */
export function messageEndOf(ends: readonly AttemptEnd[]): MessageEnd {
  if (ends.includes('stopped')) return { kind: 'again', delayMs: 0 };
  if (ends.includes('forbidden')) return { kind: 'again', delayMs: FORBIDDEN_AGAIN_MS };
  return ends.includes('busy') ? { kind: 'again', delayMs: BUSY_AGAIN_MS } : { kind: 'done' };
}

/** A plan and the payload of its event. */
export interface Plan {
  readonly head: PlanHead;
  readonly data: Uint8Array;
}

/** Parses a plan; undefined when it is not one. */
export function readPlan(body: Uint8Array): Plan | undefined {
  try {
    const { head, data } = splitRawData(body);
    const parsed = planHeadSchema.safeParse(head);
    return parsed.success ? { head: parsed.data, data } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function isRegistryReady(ports: DeliverPlanPorts, head: PlanHead, { subject, deliveryCount }: PlanMessage): Promise<boolean> {
  const { region } = originOf(subject);
  // A planner of this very region may have read copies of other regions' entries that this process has not.
  const wanted = region === head.region ? (head.registrySeen ?? head.registryRevision) : head.registryRevision;
  if (await ports.registryAtLeast(region, wanted, REGISTRY_BUDGET_MS)) return true;
  const { tenantId } = head.event;
  return deliveryCount > REGISTRY_TRIES && head.deliveries.every(({ endpointId }) => ports.isKnown(tenantId, endpointId));
}

async function attemptOnce(
  { attempts }: DeliverPlanPorts,
  due: DueDelivery,
  loadPayload: LoadPayload,
  { deliveryCount }: PlanMessage,
): Promise<AttemptEnd> {
  const end = await attempts.attempt(due, loadPayload);
  if (end !== 'forbidden' || deliveryCount <= FORBIDDEN_TRIES) return end;
  await attempts.putOff(due);
  return 'settled';
}

async function eachWithLimit<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  if (items.length <= limit) return Promise.all(items.map(work));
  const results: Result[] = [];
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}
