import { type DeliveryId, deliveryRefusedSchema, streamNames, subjects } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import type { ScheduleDue } from '../../application/attempt-ports.ts';
import type { Persistence } from '../../application/persistence.ts';
import { readDue } from '../../application/retry-due.ts';
import type { Schedules } from '../../application/takeover/takeover-ports.ts';

const { deliveryId: idSchema } = deliveryRefusedSchema.shape;

export interface RetrySchedulesParts {
  readonly bus: Bus;
  readonly region: string;
  readonly persistence: Pick<Persistence, 'until'>;
  readonly scheduleDue: ScheduleDue;
  readonly nowMs: () => number;
}

/** The retry schedules of a region, as its RETRY stream holds them. Requests are repeated until NATS answers. */
export function retrySchedules({ bus, region, persistence, scheduleDue, nowMs }: RetrySchedulesParts): Schedules {
  const { retry } = streamNames(region);
  const prefix = subjects.retrySchedule(region, idSchema.parse(''));
  const bodyOf = (deliveryId: DeliveryId): Promise<Uint8Array | undefined> =>
    persistence.until(async () => {
      // From the leader: a copy that lags would deny what was just stored.
      const message = await bus.jsm.streams.getMessage(retry, { last_by_subj: subjects.retrySchedule(region, deliveryId) });
      return message?.data;
    });
  return {
    scheduleDue,
    has: async (deliveryId) => (await bodyOf(deliveryId)) !== undefined,
    pending: async () => {
      const { state } = await persistence.until(() => bus.jsm.streams.info(retry, { subjects_filter: subjects.retryFilter(region) }));
      const found = Object.keys(state.subjects ?? {}).filter((subject) => subject.startsWith(prefix));
      return new Set(found.map((subject) => idSchema.parse(subject.slice(prefix.length))));
    },
    fireNow: async (deliveryId) => {
      const body = await bodyOf(deliveryId);
      const due = body === undefined ? undefined : readDue(body);
      if (due !== undefined) await scheduleDue(due, nowMs());
    },
  };
}
