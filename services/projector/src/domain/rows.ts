import type { DeliveryState, Scope } from '@waybill/contracts';
import type { Settled } from './recovery-rows.ts';

/** States of an event in the read models. `unmatched`: planned, and nothing subscribes. */
export const EVENT_STATES = ['accepted', 'planned', 'unmatched', 'refused'] as const;
export type EventState = (typeof EVENT_STATES)[number];

/**
 * One event as the read models hold it; members are columns. Times are ms since 1970 and come from inside the facts, so that every region computes the
 * same. What depends on this region's own streams says so.
 */
export interface EventRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly event_type: string;
  readonly source: string;
  /** That accepted it. */
  readonly region: string;
  /** `l`: of a strict tenant; no other region has it. */
  readonly scope: Scope;
  /** When it was accepted. */
  readonly at: number;
  readonly state: EventState;
  readonly verdict: string | null;
  readonly detail: string | null;
  /** Null when the event correlates only with itself. */
  readonly correlation_id: string | null;
  readonly ordering_key: string | null;
  /** That its producer wrote it in, and the oldest reader's that may read it; null until the event itself is read, or of what was read before they were kept. */
  readonly version: number | null;
  readonly min_compatible: number | null;
  /** Sequence in the LOG of `region`. */
  readonly origin_seq: number;
  /** This region's own: the stream that holds the payload, LOG or PEERS; empty when only later facts of the event were read. */
  readonly stream: string;
  /** This region's own: sequence in `stream`; 0 with an empty one. */
  readonly accepted_seq: number;
  /** This region's own: sequence of the first plan, when that is in `stream` too. */
  readonly plan_seq: number | null;
  readonly delivery_count: number;
  /** The plans that were made of it, as `plans.ts` writes them; null before the first. */
  readonly plans: string | null;
}

export interface DeliveryRow {
  readonly id: string;
  readonly event_id: string;
  readonly tenant_id: string;
  readonly endpoint_id: string;
  /** Empty until the plan is seen. */
  readonly event_type: string;
  /** That ended it or tried it last, else that must deliver it. */
  readonly region: string;
  readonly scope: Scope;
  /** When it was planned first. */
  readonly at: number;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly last_http_status: number | null;
  readonly last_reason: string | null;
  readonly next_attempt_at: number | null;
  readonly updated_at: number;
  readonly ended_at: number | null;
  readonly end_reason: string | null;
  /** The job that made it; null when a planner named it by itself. */
  readonly job_id: string | null;
  /** The delivery in whose place a job made it. */
  readonly replay_of: string | null;
  /** This region's own: the stream that holds the plan, LOG or PEERS; null until that is read. */
  readonly plan_stream: string | null;
  /** This region's own: sequence in `plan_stream`. */
  readonly plan_seq: number | null;
}

export interface AttemptRow {
  readonly delivery_id: string;
  /** From 1. */
  readonly number: number;
  readonly event_id: string;
  readonly tenant_id: string;
  readonly endpoint_id: string;
  /** That made it. Two regions may each make an attempt of the same number. */
  readonly region: string;
  readonly scope: Scope;
  readonly at: number;
  readonly duration_ms: number;
  /** How long it took to connect; null when a connection was open already, or it is not known. */
  readonly connect_ms: number | null;
  /** When the answer began, from the start; null when none did, or it is not known. */
  readonly first_byte_ms: number | null;
  readonly outcome: string;
  readonly http_status: number | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly response: string | null;
}

/** A delivery or event that ended without success, kept apart so that the list of them needs no search. `id` is that of what ended. */
export interface DeadLetterRow extends Settled {
  readonly id: string;
  readonly kind: 'delivery' | 'event';
  readonly at: number;
  readonly tenant_id: string;
  /** Empty for an event. */
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly region: string;
  readonly scope: Scope;
  readonly reason: string;
  readonly detail: string | null;
  readonly http_status: number | null;
}

/** How much one counter changes: `subject` in `state`, counted for everything, a tenant, an endpoint, a region, or the job that made it. */
export interface TotalChange {
  readonly scope: TotalScope;
  readonly scope_id: string;
  readonly subject: 'event' | 'delivery' | 'attempt' | 'dispatch' | 'dead_letter';
  readonly state: string;
  readonly value: number;
}
/** What is measured over time. */
export const ROLLUP_SCOPES = ['all', 'tenant', 'endpoint', 'region'] as const;
export type RollupScope = (typeof ROLLUP_SCOPES)[number];
export const TOTAL_SCOPES = [...ROLLUP_SCOPES, 'job'] as const;
export type TotalScope = (typeof TOTAL_SCOPES)[number];

/** That a region brings a delivery of another one to its end. */
export interface ClaimRow {
  readonly delivery_id: string;
  readonly taken_from: string;
  readonly taken_by: string;
  readonly epoch: number;
  readonly at: number;
}

export const REGION_CHANGE_KINDS = ['region.changed', 'region.spilled', 'takeover.claimed', 'takeover.closed'] as const;

/** A change of a region's state, of its spilling, or a takeover. Named by the place of its fact in the LOG of the region that wrote it. */
export interface RegionChangeRow {
  readonly at: number;
  readonly origin_region: string;
  readonly origin_seq: number;
  readonly kind: (typeof REGION_CHANGE_KINDS)[number];
  /** That it is about. */
  readonly region: string;
  /** What else the fact says, as JSON. */
  readonly detail: string;
}

/** A message that could not be projected, kept visible, by its place in the LOG that it was written to. */
export interface ProblemRow {
  readonly stream: string;
  readonly seq: number;
  readonly at: number;
  readonly subject: string;
  readonly reason: string;
}

/** Who wrote what counts of a registry record, and when. `scope` `l`: of a strict tenant; no other region has it. */
export interface RecordStamp {
  readonly scope: Scope;
  readonly written_in: string;
  readonly updated_at: number;
}

export interface TenantRow extends RecordStamp {
  readonly id: string;
  readonly name: string | null;
  /** Its home, else the region that wrote it. */
  readonly region: string;
  readonly created_at: number;
}

/** An endpoint without what must not leave the registry: no secrets, no headers, no user or password in the URL. */
export interface EndpointRow extends RecordStamp {
  readonly id: string;
  readonly tenant_id: string;
  readonly url: string;
  readonly event_types: string;
  /** That must deliver to it, else the region that wrote it. */
  readonly region: string;
  readonly disabled_reason: string | null;
  readonly disabled_at: number | null;
  readonly created_at: number;
}

/** A tombstone: a record that was removed. */
export interface RemovedRow extends RecordStamp {
  readonly kind: 'tenant' | 'endpoint';
  readonly id: string;
}
