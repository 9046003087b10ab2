import { type EventRefused, eventRefusedSchema } from '@waybill/contracts';
import type { AttemptDelivery } from './attempt-delivery.ts';
import { type PlanMessage, readPlan } from './deliver-plan.ts';
import { readDue } from './retry-due.ts';

export interface SetAsidePorts {
  readonly region: string;
  readonly attempts: AttemptDelivery;
  /** Appends the fact; idempotent by the sequence of the plan. Rejects only when the process stops. */
  readonly appendEventRefused: (fact: EventRefused) => Promise<void>;
  readonly nowMs: () => number;
}

/** Gives every delivery of a plan that could not be handled its end, so that none is owed for ever. A plan that cannot be read is itself refused. */
export async function setPlanAside(ports: SetAsidePorts, message: PlanMessage, reason: string): Promise<void> {
  const plan = readPlan(message.body);
  if (plan === undefined) return refuseUnreadable(ports, message, reason);
  const { eventId, tenantId } = plan.head.event;
  const { stream, seq } = message;
  for (const { deliveryId, endpointId } of plan.head.deliveries) {
    await ports.attempts.giveUp({ v: 1, deliveryId, eventId, tenantId, endpointId, attempt: 1, parked: 0, plan: { stream, seq } });
  }
}

/** Gives a delivery whose retry could not be handled its end. What cannot be read names nobody. */
export async function setDueAside(ports: SetAsidePorts, body: Uint8Array): Promise<void> {
  const due = readDue(body);
  if (due !== undefined) await ports.attempts.giveUp(due);
}

async function refuseUnreadable(ports: SetAsidePorts, { seq }: PlanMessage, detail: string): Promise<void> {
  const { region, nowMs } = ports;
  const at = new Date(nowMs()).toISOString();
  const unknown = { eventId: '', tenantId: '', eventType: '', version: 0 };
  await ports.appendEventRefused(eventRefusedSchema.parse({ v: 1, ...unknown, verdict: 'poison', detail, region, seq, at }));
}
