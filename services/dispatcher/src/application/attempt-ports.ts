import type {
  AttemptFailure,
  DeliveryAttempted,
  DeliveryRefused,
  Endpoint,
  EndpointId,
  Scope,
  TenantId,
  TraceContext,
  DueDelivery,
} from '@waybill/contracts';
import type { Ask } from '../domain/gate-lane.ts';
import type { TracePlace } from '../domain/trace-place.ts';
import type { Payload } from './payload.ts';
import type { Admission } from './endpoint-gate.ts';

/**
 * When parts of an attempt were over, in ms from its start, not rounded. `connectMs`: the connection that was made for it stood, or was given up; absent: one
 * was open. `firstByteMs`: the answer began; absent: none did.
 */
export interface AttemptPhases {
  readonly connectMs?: number;
  readonly firstByteMs?: number;
}

/** What sending gave: an answer with its status, or the reason why none came. `phases`: absent when nothing was tried. */
export type SendResult = (
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter?: string; readonly excerpt?: string }
  | { readonly kind: 'failed'; readonly reason: AttemptFailure; readonly detail: string }
) & { readonly phases?: AttemptPhases };

/** Asks for a place to send from. */
export type Enter = (ask: Ask) => Promise<Admission>;

/** Looks an endpoint up in the registry as it is known now. */
export type FindEndpoint = (tenantId: TenantId, endpointId: EndpointId) => Endpoint | undefined;

/**
 * Append one fact to the LOG, idempotent by its Msg-Id, in the scope of the delivery's plan. Reject only when the process stops. `trace`: where what it
 * tells stands in a trace; absent: not recorded.
 */
export type AppendAttempted = (fact: DeliveryAttempted, scope: Scope, trace?: TraceContext) => Promise<void>;
export type AppendRefused = (fact: DeliveryRefused, of: RefusedOf) => Promise<void>;
export interface RefusedOf {
  readonly attempt: number;
  readonly scope: Scope;
  readonly trace?: TraceContext | undefined;
}

/** An attempt whose fact is stored. `payload`: absent when it was not needed. */
export interface SeenAttempt {
  readonly fact: DeliveryAttempted;
  readonly due: DueDelivery;
  readonly endpoint: Endpoint;
  readonly payload?: Payload | undefined;
  /** Absent: not recorded. */
  readonly trace?: TracePlace | undefined;
}

/** Looks at what was done, once its fact is stored. Never throws. */
export interface WatchAttempts {
  attempted(seen: SeenAttempt): void;
  refused(fact: DeliveryRefused, due: DueDelivery): void;
}

/** Ends a request as cut off. */
export type CutOff = () => void;
/** Keeps `cut` to be called when what runs must end; returns how to forget it. */
export type OnCutOff = (cut: CutOff) => () => void;

/** Stores the schedule that brings this delivery back at `dueMs`; one per delivery, a new one replaces the old. Rejects only when the process stops. */
export type ScheduleDue = (due: DueDelivery, dueMs: number) => Promise<void>;

/** What the state of an endpoint has to learn from its attempts. */
export interface EndpointHealthPort {
  /** The receiver said 410: resolves when the registry says that the endpoint is disabled. Rejects only when the process stops. */
  gone(endpoint: Endpoint): Promise<void>;
  succeeded(endpoint: Endpoint): void;
  failed(endpoint: Endpoint, circuitOpened: boolean): void;
}
