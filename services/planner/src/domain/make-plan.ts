import { deliveryIdOf, type Endpoint, type EnvelopeHead, type PlanHead } from '@waybill/contracts';

export interface PlanInput {
  readonly event: EnvelopeHead;
  readonly endpoints: readonly Endpoint[];
  readonly region: string;
  readonly acceptedSeq: number;
  readonly registryRevision: number;
  readonly nowMs: number;
}

/** The plan of one event for one region. Made twice, it names the same deliveries. */
export function makePlan({ event, endpoints, region, acceptedSeq, registryRevision, nowMs }: PlanInput): PlanHead {
  const { eventId, eventType, tenantId, source, timestamp, correlationId, orderingKey } = event;
  const about = { eventId, eventType, tenantId, source, region: event.region, timestamp, correlationId };
  return {
    v: 1,
    event: orderingKey === undefined ? about : { ...about, orderingKey },
    region,
    acceptedSeq,
    registryRevision,
    deliveries: endpoints.map(({ id }) => ({ deliveryId: deliveryIdOf(eventId, id), endpointId: id })),
    at: new Date(nowMs).toISOString(),
  };
}
