import type { PlanHead } from '@waybill/contracts';

export type PlannedDelivery = PlanHead['deliveries'][number];

export interface PlanInput {
  readonly event: Omit<PlanHead['event'], 'region'>;
  /** The region whose LOG holds the event at `acceptedSeq`. */
  readonly acceptedIn: string;
  readonly acceptedSeq: number;
  readonly deliveries: readonly PlannedDelivery[];
  /** The region that delivers. */
  readonly region: string;
  /** Plans that the event gets in all; at least 1. */
  readonly parts: number;
  readonly registryRevision: number;
  readonly registrySeen: number;
  /** Of plans that a job makes. */
  readonly replay?: PlanHead['replay'];
  readonly nowMs: number;
}

/** The plan of one event for one region. */
export function makePlan({ event, deliveries, region, parts, replay, ...input }: PlanInput): PlanHead {
  const { eventId, eventType, tenantId, source, timestamp, correlationId, orderingKey, bodyRef } = event;
  const about = { eventId, eventType, tenantId, source, region: input.acceptedIn, timestamp, correlationId };
  return {
    v: 1,
    event: { ...about, ...(orderingKey === undefined ? {} : { orderingKey }), ...(bodyRef === undefined ? {} : { bodyRef }) },
    region,
    ...(parts === 1 ? {} : { parts }),
    acceptedSeq: input.acceptedSeq,
    registryRevision: input.registryRevision,
    registrySeen: input.registrySeen,
    ...(replay === undefined ? {} : { replay }),
    deliveries: [...deliveries],
    at: new Date(input.nowMs).toISOString(),
  };
}
