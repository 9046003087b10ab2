import type { Pipeline } from '@waybill/bench';
import {
  deliveryAttemptedSchema,
  deliveryRefusedSchema,
  parseFactSubject,
  planHeadSchema,
  splitRawData,
  streamNames,
  subjects,
} from '@waybill/contracts';
import { scanStream } from '@waybill/transport';
import { z } from 'zod';

/** What a job planned: how often each thing was planned, by the dead delivery it stands for, or by event and endpoint. */
export async function plannedBy({ bus, region }: Pick<Pipeline, 'bus' | 'region'>, jobId: string): Promise<Map<string, number>> {
  const planned = new Map<string, number>();
  await scanStream(bus, { stream: streamNames(region).log, subjects: [subjects.factFilter(region, 'plan.made')] }, ({ body }) => {
    const { replay, deliveries, event } = planHeadSchema.parse(splitRawData(body).head);
    if (replay?.jobId !== jobId) return;
    for (const { replayOf, endpointId } of deliveries) {
      const what = replayOf ?? `${event.eventId} -> ${endpointId}`;
      planned.set(what, (planned.get(what) ?? 0) + 1);
    }
  });
  return planned;
}

/** Ids of the deliveries that ended as dead letters. */
export async function deadIn({ bus, region }: Pick<Pipeline, 'bus' | 'region'>): Promise<Set<string>> {
  const dead = new Set<string>();
  const types = ['delivery.attempted', 'delivery.refused'] as const;
  const filters = types.map((type) => subjects.factFilter(region, type));
  await scanStream(bus, { stream: streamNames(region).log, subjects: filters }, ({ subject, body }) => {
    const schema = parseFactSubject(subject)?.type === 'delivery.refused' ? deliveryRefusedSchema : deliveryAttemptedSchema;
    const { deliveryId, next } = schema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
    if (next.kind === 'dead_lettered') dead.add(deliveryId);
  });
  return dead;
}

/** Ids of accepted events by ordering key, in the order in which they were accepted. */
const acceptedSchema = z.object({ eventId: z.string(), orderingKey: z.string().optional() });

export async function acceptedByKey({ bus, region }: Pick<Pipeline, 'bus' | 'region'>): Promise<Map<string, string[]>> {
  const keys = new Map<string, string[]>();
  await scanStream(bus, { stream: streamNames(region).log, subjects: [subjects.factFilter(region, 'event.accepted')] }, ({ body }) => {
    const { head } = splitRawData(body);
    const { eventId, orderingKey } = acceptedSchema.parse(head);
    if (orderingKey !== undefined) keys.set(orderingKey, [...(keys.get(orderingKey) ?? []), eventId]);
  });
  return keys;
}
