import { deliveryIdOf, type EndpointId, type EnvelopeHead, type PlanHead } from '@waybill/contracts';

export interface PlanInput {
  readonly event: EnvelopeHead;
  /** The region whose LOG holds the event at `acceptedSeq`. */
  readonly acceptedIn: string;
  readonly acceptedSeq: number;
  readonly endpointIds: readonly EndpointId[];
  /** The region that delivers. */
  readonly region: string;
  /** Plans that the event gets in all; at least 1. */
  readonly parts: number;
  readonly registryRevision: number;
  readonly registrySeen: number;
  readonly nowMs: number;
}

/** The plan of one event for one region. Made twice, it names the same deliveries. */
export function makePlan({ event, endpointIds, region, parts, ...input }: PlanInput): PlanHead {
  const { eventId, eventType, tenantId, source, timestamp, correlationId, orderingKey } = event;
  const about = { eventId, eventType, tenantId, source, region: input.acceptedIn, timestamp, correlationId };
  return {
    v: 1,
    event: orderingKey === undefined ? about : { ...about, orderingKey },
    region,
    ...(parts === 1 ? {} : { parts }),
    acceptedSeq: input.acceptedSeq,
    registryRevision: input.registryRevision,
    registrySeen: input.registrySeen,
    deliveries: endpointIds.map((endpointId) => ({ deliveryId: deliveryIdOf(eventId, endpointId), endpointId })),
    at: new Date(input.nowMs).toISOString(),
  };
}
