import {
  type DeliveryAttempted,
  type DeliveryRefused,
  type EventRefused,
  HEADERS,
  type Scope,
  subjects,
  type DueDelivery,
  type TraceContext,
  traceparentOf,
} from '@waybill/contracts';
import { type Publish, publishSchedule } from '@waybill/transport';
import type { AppendAttempted, AppendRefused, ScheduleDue } from '../application/attempt-ports.ts';
import type { Persistence } from '../application/persistence.ts';

/** What the dispatcher writes: facts to its LOG, schedules to RETRY. Each write is repeated until NATS has it. */
export interface DispatcherWrites {
  readonly appendAttempted: AppendAttempted;
  readonly appendRefused: AppendRefused;
  readonly appendEventRefused: (fact: EventRefused, scope: Scope) => Promise<void>;
  readonly scheduleDue: ScheduleDue;
}

type Fact = DeliveryAttempted | DeliveryRefused | EventRefused;

/** Writes through `publish`. Msg-Ids: `<deliveryId>:<attempt>`, and `<deliveryId>:<attempt>:refused`, so a repeat is stored once. */
export function dispatcherWrites(publish: Publish, region: string, persistence: Persistence): DispatcherWrites {
  const append = async (at: { subject: string; msgId: string; trace?: TraceContext | undefined }, fact: Fact): Promise<void> => {
    const { trace, ...address } = at;
    const headers = trace && { headers: { [HEADERS.traceparent]: traceparentOf(trace) } };
    const message = { ...address, body: JSON.stringify(fact), ...headers };
    await persistence.until(() => publish(message));
  };
  return {
    appendAttempted: (fact, scope, trace) =>
      append({ subject: subjects.fact(region, scope, 'delivery.attempted'), msgId: `${fact.deliveryId}:${fact.attempt}`, trace }, fact),
    appendRefused: (fact, { attempt, scope, trace }) =>
      append({ subject: subjects.fact(region, scope, 'delivery.refused'), msgId: `${fact.deliveryId}:${attempt}:refused`, trace }, fact),
    appendEventRefused: (fact, scope) =>
      append({ subject: subjects.fact(region, scope, 'event.refused'), msgId: `${fact.region}:plan:${fact.seq}:refused` }, fact),
    scheduleDue: async (due: DueDelivery, dueMs: number) => {
      const { deliveryId, attempt } = due;
      const body = JSON.stringify(due);
      const isOrdered = due.order !== undefined;
      await persistence.until(() => publishSchedule(publish, { region, deliveryId, attempt, dueMs, body, isOrdered }));
    },
  };
}
