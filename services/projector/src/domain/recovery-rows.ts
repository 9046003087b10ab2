import type { Scope } from '@waybill/contracts';

/** `open`: nobody has decided yet. `redriven`: a job made another delivery in its place, or planned the event. `discarded`: nobody wants it any more. */
export const DEAD_LETTER_STATES = ['open', 'redriven', 'discarded'] as const;
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

/** How a dead letter was settled. `job_id` is that of a redrive; `actor` and `resolved_reason` are those of a discard. */
export interface Settled {
  readonly state: DeadLetterState;
  readonly resolved_at: number | null;
  readonly job_id: string | null;
  readonly actor: string | null;
  readonly resolved_reason: string | null;
}

/** What was done about a dead letter, kept by its id whether or not it is known yet that it is one: the facts may come in any order. */
export interface ResolutionRow {
  readonly id: string;
  readonly scope: Scope;
  readonly redriven_at: number | null;
  readonly job_id: string | null;
  readonly discarded_at: number | null;
  readonly actor: string | null;
  readonly reason: string | null;
}

/** How many dead letters are open that have these in common, counted when they are written. `endpoint_id` is empty for events. */
export interface DeadLetterGroupRow {
  readonly scope: Scope;
  readonly tenant_id: string;
  readonly endpoint_id: string;
  readonly reason: string;
  readonly region: string;
  readonly open: number;
}

/** What an operator asked of a delivery. Named by the delivery and the place of its fact in the LOG of the region that wrote it. */
export interface InstructionRow {
  readonly delivery_id: string;
  readonly at: number;
  readonly origin_region: string;
  readonly origin_seq: number;
  readonly scope: Scope;
  readonly instruction: string;
  readonly actor: string;
  readonly reason: string;
}

/** A command that changed something. `about` holds the path parameters, as JSON. */
export interface ManagementActionRow {
  readonly at: number;
  readonly origin_region: string;
  readonly origin_seq: number;
  readonly scope: Scope;
  readonly action: string;
  readonly about: string;
  readonly status: number;
  readonly actor: string;
  readonly reason: string;
  readonly request_id: string | null;
}
