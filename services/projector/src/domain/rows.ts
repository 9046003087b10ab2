import type { DeliveryState } from '@waybill/contracts';

/** States of an event in the read models. `unmatched`: planned, and nothing subscribes. */
export const EVENT_STATES = ['accepted', 'planned', 'unmatched', 'refused'] as const;
export type EventState = (typeof EVENT_STATES)[number];

/** One event as the read models hold it; members are columns. Times are ms since 1970, `*_seq` are sequences in `stream`. */
export interface EventRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly event_type: string;
  readonly source: string;
  readonly region: string;
  /** When the LOG stored it. */
  readonly at: number;
  readonly state: EventState;
  readonly verdict: string | null;
  readonly detail: string | null;
  /** Null when the event correlates only with itself. */
  readonly correlation_id: string | null;
  readonly ordering_key: string | null;
  /** The LOG that holds the payload. */
  readonly stream: string;
  readonly accepted_seq: number;
  readonly plan_seq: number | null;
  readonly delivery_count: number;
}

export interface DeliveryRow {
  readonly id: string;
  readonly event_id: string;
  readonly tenant_id: string;
  readonly endpoint_id: string;
  /** Empty until the plan is seen. */
  readonly event_type: string;
  readonly region: string;
  /** When it was planned. */
  readonly at: number;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly last_http_status: number | null;
  readonly last_reason: string | null;
  readonly next_attempt_at: number | null;
  readonly updated_at: number;
  readonly ended_at: number | null;
  readonly end_reason: string | null;
}

export interface AttemptRow {
  readonly delivery_id: string;
  /** From 1. */
  readonly number: number;
  readonly event_id: string;
  readonly tenant_id: string;
  readonly endpoint_id: string;
  readonly region: string;
  readonly at: number;
  readonly duration_ms: number;
  readonly outcome: string;
  readonly http_status: number | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly response: string | null;
}

/** A delivery or event that ended without success, kept apart so that the list of them needs no search. `id` is that of what ended. */
export interface DeadLetterRow {
  readonly id: string;
  readonly kind: 'delivery' | 'event';
  readonly at: number;
  readonly tenant_id: string;
  readonly endpoint_id: string | null;
  readonly event_id: string;
  readonly event_type: string;
  readonly region: string;
  readonly reason: string;
  readonly detail: string | null;
  readonly http_status: number | null;
}

/** How much one counter changes: `subject` in `state`, counted for everything, a tenant, an endpoint or a region. */
export interface TotalChange {
  readonly scope: TotalScope;
  readonly scope_id: string;
  readonly subject: 'event' | 'delivery' | 'attempt';
  readonly state: string;
  readonly value: number;
}
export const TOTAL_SCOPES = ['all', 'tenant', 'endpoint', 'region'] as const;
export type TotalScope = (typeof TOTAL_SCOPES)[number];

/** A message that could not be projected, kept visible. */
export interface ProblemRow {
  readonly stream: string;
  readonly seq: number;
  readonly at: number;
  readonly subject: string;
  readonly reason: string;
}

export interface TenantRow {
  readonly id: string;
  readonly name: string | null;
  readonly region: string;
  readonly created_at: number;
  readonly updated_at: number;
}

/** An endpoint without what must not leave the registry: no secrets, no headers, no user or password in the URL. */
export interface EndpointRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly url: string;
  readonly event_types: string;
  readonly region: string;
  readonly disabled_reason: string | null;
  readonly disabled_at: number | null;
  readonly created_at: number;
  readonly updated_at: number;
}
