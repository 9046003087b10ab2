import type {
  Consequence,
  DeliveryId,
  EndpointId,
  EventId,
  FactType,
  JobId,
  PlanHead,
  RefusalReason,
  Scope,
  TenantId,
} from '@waybill/contracts';

interface Stored {
  /** The region that wrote it. */
  readonly by: string;
  readonly scope: Scope;
  /** When its stream stored it, ms since 1970. */
  readonly storedMs: number;
  readonly position: { readonly stream: string; readonly seq: number };
}

/** An event that was accepted. `key`: hash of its idempotency key; empty without one. */
export interface AcceptedFact extends Stored {
  readonly kind: 'accepted';
  readonly eventId: string;
  readonly key: string;
}

export interface PlannedFact extends Stored {
  readonly kind: 'planned';
  readonly eventId: EventId;
  readonly tenantId: TenantId;
  /** The region that accepted the event, and the event's sequence in the LOG there. */
  readonly acceptedIn: string;
  readonly acceptedSeq: number;
  readonly orderingKey: string | undefined;
  /** The region that delivers. */
  readonly deliverIn: string;
  /** Plans that the event was given. */
  readonly parts: number;
  /** Set on the plan of a job. */
  readonly replay: JobId | undefined;
  readonly deliveries: PlanHead['deliveries'];
  /** When it was made, ms since 1970. */
  readonly madeMs: number;
}

export interface RefusedFact extends Stored {
  readonly kind: 'refused';
  readonly eventId: string;
  readonly verdict: RefusalReason;
}

/** What followed from an attempt, or without one. */
export interface TriedFact extends Stored {
  readonly kind: 'tried';
  readonly deliveryId: DeliveryId;
  readonly eventId: EventId;
  readonly tenantId: TenantId;
  readonly endpointId: EndpointId;
  /** Undefined when it ended without a try. */
  readonly attempt: number | undefined;
  readonly at: string;
  readonly next: Consequence;
}

export interface ClaimedFact extends Stored {
  readonly kind: 'claimed';
  readonly deliveryIds: readonly DeliveryId[];
  readonly atMs: number;
}

/** Targets of a run that were denied when it was decided: no plan names them. */
export interface DecidedFact extends Stored {
  readonly kind: 'decided';
  readonly eventId: EventId;
  readonly denied: readonly DeliveryId[];
}

/** A workflow dispatch started a run; a server that names none leaves its id out. */
export interface StartedFact extends Stored {
  readonly kind: 'started';
  readonly key: string;
  readonly deliveryId: DeliveryId;
  readonly runId: string | undefined;
}

export interface DiscardedFact extends Stored {
  readonly kind: 'discarded';
  readonly ids: readonly string[];
}

/** An accepted event or a plan that cannot be read: it is owed a refusal, which names it by its place. */
export interface UnreadableFact extends Stored {
  readonly kind: 'unreadable';
  readonly type: FactType;
  readonly id: string;
}

/** A fact, as far as it says what became of events and deliveries. */
export type AuditFact =
  | AcceptedFact
  | PlannedFact
  | RefusedFact
  | TriedFact
  | ClaimedFact
  | DecidedFact
  | StartedFact
  | DiscardedFact
  | UnreadableFact;

/** What an event without a readable id is called: its region and its sequence in the LOG there. */
export const placeId = (region: string, seq: number): string => `${region}#${seq}`;
