import { type DeliveryId, deliveryRefusedSchema, streamNames, subjects } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import type { ScheduleDue } from '../../application/attempt-ports.ts';
import type { Persistence } from '../../application/persistence.ts';
import { readDue } from '../../application/retry-due.ts';
import type { PendingSchedule } from '../../application/instructions.ts';
import type { Schedules } from '../../application/takeover/takeover-ports.ts';

const { deliveryId: idSchema } = deliveryRefusedSchema.shape;

export interface RetrySchedulesParts {
  readonly bus: Bus;
  readonly region: string;
  readonly persistence: Pick<Persistence, 'until'>;
  readonly scheduleDue: ScheduleDue;
  readonly nowMs: () => number;
}

/** Reads the schedule of one delivery, as the RETRY stream of a region holds it. Requests are repeated until NATS answers. */
export function findSchedule({ bus, region, persistence }: Pick<RetrySchedulesParts, 'bus' | 'region' | 'persistence'>) {
  const { retry } = streamNames(region);
  return async (deliveryId: DeliveryId): Promise<PendingSchedule | undefined> => {
    // From the leader: a copy that lags would deny what was just stored.
    const wanted = { last_by_subj: subjects.anySchedule(region, deliveryId) };
    const message = await persistence.until(() => bus.jsm.streams.getMessage(retry, wanted));
    const due = message === null ? undefined : readDue(message.data);
    return message === null || due === undefined ? undefined : { due, storedMs: message.time.getTime() };
  };
}

/** The retry schedules of a region, as its RETRY stream holds them. Requests are repeated until NATS answers. */
export function retrySchedules({ bus, region, persistence, scheduleDue, nowMs }: RetrySchedulesParts): Schedules {
  const { retry } = streamNames(region);
  const prefixes = [false, true].map((isOrdered) => subjects.retrySchedule(region, idSchema.parse(''), isOrdered));
  const find = findSchedule({ bus, region, persistence });
  return {
    scheduleDue,
    has: async (deliveryId) => (await find(deliveryId)) !== undefined,
    pending: async () => {
      const { state } = await persistence.until(() => bus.jsm.streams.info(retry, { subjects_filter: subjects.retryFilter(region) }));
      const found = Object.keys(state.subjects ?? {}).flatMap((subject) => {
        const prefix = prefixes.find((one) => subject.startsWith(one));
        return prefix === undefined ? [] : idSchema.parse(subject.slice(prefix.length));
      });
      return new Set(found);
    },
    fireNow: async (deliveryId) => {
      const pending = await find(deliveryId);
      if (pending !== undefined) await scheduleDue(pending.due, nowMs());
    },
  };
}
