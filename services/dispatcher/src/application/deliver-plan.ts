import { type PlanHead, planHeadSchema, splitRawData } from '@waybill/contracts';
import type { AttemptDelivery, AttemptEnd } from './attempt-delivery.ts';

/** A plan as it was read from the LOG. */
export interface PlanMessage {
  readonly stream: string;
  readonly seq: number;
  readonly body: Uint8Array;
}

/** What became of a message; `again` gives it back for later. */
export type MessageEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly delayMs: number }
  | { readonly kind: 'poison'; readonly reason: string };

export interface DeliverPlanPorts {
  readonly attempts: AttemptDelivery;
  /** Waits until the memory of own output is complete. */
  readonly recovered: () => Promise<void>;
  /** Waits until the registry was seen at this revision; false when that takes longer than `budgetMs`. */
  readonly registryAtLeast: (revision: number, budgetMs: number) => Promise<boolean>;
}

const REGISTRY_BUDGET_MS = 2_000;
const REGISTRY_AGAIN_MS = 1_000;
/** Work that runs elsewhere in this process is looked at again after this. */
const BUSY_AGAIN_MS = 5_000;
/** Deliveries of one plan that are under way at once; a fan-out of thousands must not take every place at a stroke. */
const PER_PLAN = 64;

/** Attempts every delivery of one plan once. The message is done when each was attempted or parked. */
export async function deliverPlan(ports: DeliverPlanPorts, message: PlanMessage): Promise<MessageEnd> {
  const plan = readPlan(message.body);
  if (plan === undefined) return { kind: 'poison', reason: 'the plan cannot be read' };
  await ports.recovered();
  const { head, data } = plan;
  if (!(await ports.registryAtLeast(head.registryRevision, REGISTRY_BUDGET_MS))) return { kind: 'again', delayMs: REGISTRY_AGAIN_MS };
  const payload = { eventType: head.event.eventType, body: data };
  const { stream, seq } = message;
  const ends = await eachWithLimit(head.deliveries, PER_PLAN, ({ deliveryId, endpointId }) => {
    const { eventId, tenantId } = head.event;
    const due = { v: 1, deliveryId, eventId, tenantId, endpointId, attempt: 1, parked: 0, plan: { stream, seq } } as const;
    return ports.attempts.attempt(due, async () => payload);
  });
  return messageEndOf(ends);
}

/** The worst end decides: a message is done only when all of its work is. */
export function messageEndOf(ends: readonly AttemptEnd[]): MessageEnd {
  if (ends.includes('stopped')) return { kind: 'again', delayMs: 0 };
  return ends.includes('busy') ? { kind: 'again', delayMs: BUSY_AGAIN_MS } : { kind: 'done' };
}

/** Parses a plan; undefined when it is not one. */
export function readPlan(body: Uint8Array): { head: PlanHead; data: Uint8Array } | undefined {
  try {
    const { head, data } = splitRawData(body);
    const parsed = planHeadSchema.safeParse(head);
    return parsed.success ? { head: parsed.data, data } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
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
