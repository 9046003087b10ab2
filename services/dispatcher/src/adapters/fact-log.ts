import {
  type DeliveryAttempted,
  type DeliveryRefused,
  type EventRefused,
  type Scope,
  subjects,
  type DueDelivery,
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

/** Writes through `publish`. Msg-Ids: `<deliveryId>:<attempt>`, and `<deliveryId>:<attempt>:refused`, so a repeat is stored once. */
export function dispatcherWrites(publish: Publish, region: string, persistence: Persistence): DispatcherWrites {
  const append = async (subject: string, msgId: string, fact: DeliveryAttempted | DeliveryRefused | EventRefused): Promise<void> => {
    const body = JSON.stringify(fact);
    await persistence.until(() => publish({ subject, msgId, body }));
  };
  return {
    appendAttempted: (fact, scope) =>
      append(subjects.fact(region, scope, 'delivery.attempted'), `${fact.deliveryId}:${fact.attempt}`, fact),
    appendRefused: (fact, { attempt, scope }) =>
      append(subjects.fact(region, scope, 'delivery.refused'), `${fact.deliveryId}:${attempt}:refused`, fact),
    appendEventRefused: (fact, scope) =>
      append(subjects.fact(region, scope, 'event.refused'), `${fact.region}:plan:${fact.seq}:refused`, fact),
    scheduleDue: async (due: DueDelivery, dueMs: number) => {
      const { deliveryId, attempt } = due;
      const body = JSON.stringify(due);
      const isOrdered = due.order !== undefined;
      await persistence.until(() => publishSchedule(publish, { region, deliveryId, attempt, dueMs, body, isOrdered }));
    },
  };
}
