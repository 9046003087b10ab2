import { type EventRefused, eventRefusedSchema, type Scope } from '@waybill/contracts';
import type { AttemptDelivery } from './attempt-delivery.ts';
import { duesOf, originOf, type PlanMessage, readPlan } from './deliver-plan.ts';
import { readDue } from './retry-due.ts';

export interface SetAsidePorts {
  readonly attempts: Pick<AttemptDelivery, 'giveUp'>;
  /** Appends the fact; idempotent by the region and sequence of the plan. Rejects only when the process stops. */
  readonly appendEventRefused: (fact: EventRefused, scope: Scope) => Promise<void>;
  readonly nowMs: () => number;
}

/** A plan, and where the LOG of its region has it. */
export interface PlanSetAside extends PlanMessage {
  readonly originSeq: number;
}

/** Gives every delivery of a plan that could not be handled its end, so that none is owed for ever. A plan that cannot be read is itself refused. */
export async function setPlanAside(ports: SetAsidePorts, message: PlanSetAside, reason: string): Promise<void> {
  const plan = readPlan(message.body);
  if (plan === undefined) return refuseUnreadable(ports, message, reason);
  for (const due of duesOf(plan.head, message)) await ports.attempts.giveUp(due);
}

/** Gives a delivery whose retry could not be handled its end. What cannot be read names nobody. */
export async function setDueAside(ports: SetAsidePorts, body: Uint8Array): Promise<void> {
  const due = readDue(body);
  if (due !== undefined) await ports.attempts.giveUp(due);
}

async function refuseUnreadable(ports: SetAsidePorts, { subject, originSeq: seq }: PlanSetAside, detail: string): Promise<void> {
  const { region, scope } = originOf(subject);
  const at = new Date(ports.nowMs()).toISOString();
  const unknown = { eventId: '', tenantId: '', eventType: '', version: 0 };
  await ports.appendEventRefused(eventRefusedSchema.parse({ v: 1, ...unknown, verdict: 'poison', detail, region, seq, at }), scope);
}
