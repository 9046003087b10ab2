import type { DeliveryId, EndpointId, EventId, JobId, TenantId } from '@waybill/contracts';
import type { AcceptedFact, AuditFact, DecidedFact, PlannedFact, RefusedFact, StartedFact, TriedFact } from '../facts/audit-fact.ts';

/** When all facts were stored, unless they say otherwise, ms since 1970. */
export const T0 = Date.UTC(2026, 10, 1);

const stored = (by: string): Pick<AuditFact, 'by' | 'scope' | 'storedMs' | 'position'> => ({
  by,
  scope: 'g',
  storedMs: T0,
  position: { stream: `LOG_${by}`, seq: 1 },
});
const about = (eventId: string) => ({ eventId: eventId as EventId, tenantId: 'acme' as TenantId });
export const delivery = (id: string): DeliveryId => id as DeliveryId;

export const accepted = (eventId: string, more: Partial<AcceptedFact> = {}): AcceptedFact => ({
  ...stored('us'),
  kind: 'accepted',
  eventId,
  key: '',
  ...more,
});

interface Plan extends Partial<Omit<PlannedFact, 'deliveries'>> {
  readonly replayOf?: string;
}

export const planned = (eventId: string, deliveryIds: readonly string[], { replayOf, ...more }: Plan = {}): PlannedFact => ({
  ...stored('us'),
  ...about(eventId),
  kind: 'planned',
  acceptedIn: 'us',
  acceptedSeq: 1,
  orderingKey: undefined,
  deliverIn: 'us',
  parts: 1,
  replay: undefined,
  deliveries: deliveryIds.map((id) => ({
    deliveryId: delivery(id),
    endpointId: 'ep_1' as EndpointId,
    ...(replayOf === undefined ? {} : { replayOf: delivery(replayOf) }),
  })),
  madeMs: T0,
  ...more,
});

export const JOB = 'job_1' as JobId;

export const refused = (eventId: string, more: Partial<RefusedFact> = {}): RefusedFact => ({
  ...stored('us'),
  kind: 'refused',
  eventId,
  verdict: 'poison',
  ...more,
});

type Next = TriedFact['next'];
const NEXT: Readonly<Record<Next['kind'], Next>> = {
  delivered: { kind: 'delivered' },
  retry: { kind: 'retry', at: new Date(T0 + 5_000).toISOString() },
  dead_lettered: { kind: 'dead_lettered', reason: 'attempts_exhausted' },
  denied: { kind: 'denied', reason: 'egress_denied' },
};

export const tried = (deliveryId: string, next: Next['kind'], more: Partial<TriedFact> = {}): TriedFact => ({
  ...stored('us'),
  ...about('e1'),
  kind: 'tried',
  deliveryId: delivery(deliveryId),
  endpointId: 'ep_1' as EndpointId,
  attempt: 1,
  at: new Date(T0).toISOString(),
  next: NEXT[next],
  ...more,
});

export const denied = (eventId: string, deliveryId: string): DecidedFact => ({
  ...stored('us'),
  kind: 'decided',
  eventId: eventId as EventId,
  denied: [delivery(deliveryId)],
});

export const started = (key: string, runId: string | undefined): StartedFact => ({
  ...stored('us'),
  kind: 'started',
  key,
  deliveryId: delivery('d1'),
  runId,
});
