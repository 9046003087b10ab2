import type { DispatchSettled, Scope } from '@waybill/contracts';

/**
 * How the dispatches of one run stand. `skipped`: none was asked for, or none is made. `denied`: of those asked for none is made. `open`: one at least
 * has no end. `failed`: all have one, and one at least failed. `done`: each that was allowed started its run.
 */
export const DISPATCH_STATES = ['skipped', 'denied', 'open', 'failed', 'done'] as const;
export type DispatchState = (typeof DISPATCH_STATES)[number];

/** What a finished run led to; its targets are rows of their own. Times are ms since 1970. Of several decisions about one event the earliest counts. */
export interface DispatchRow {
  readonly event_id: string;
  readonly tenant_id: string;
  readonly scope: Scope;
  /** That decided. */
  readonly region: string;
  /** When it was decided. */
  readonly at: number;
  readonly state: DispatchState;
  /** See `runIdentity`. */
  readonly identity: string;
  readonly host: string;
  /** `owner/name` in lower case, for GitHub does not tell the cases apart. */
  readonly repository: string;
  readonly repository_id: string;
  readonly owner: string;
  readonly repo: string;
  readonly workflow: string;
  readonly run_id: string;
  readonly run_attempt: number;
  readonly conclusion: string | null;
  readonly run_event: string;
  readonly branch: string | null;
  readonly sha: string;
  readonly url: string;
  readonly skip_reason: string | null;
  readonly skip_detail: string | null;
  /** JSON: an array of texts. */
  readonly warnings: string;
  readonly chain_id: string;
  readonly chain_depth: number;
  readonly target_count: number;
  /** By the decision, whatever became of them. */
  readonly allowed_count: number;
  readonly denied_count: number;
  readonly started_count: number;
  readonly failed_count: number;
  readonly unknown_count: number;
  /** Of those that started a run: whose run has finished. */
  readonly ended_count: number;
  /** This region's own: where the decision lies, LOG or PEERS; null when it was read before this was kept. */
  readonly decided_stream: string | null;
  /** This region's own: sequence in `decided_stream`. */
  readonly decided_seq: number | null;
}

/** `planned`: nothing was called for yet. `released`: the call did not reach GitHub. `unknown`: it may have. */
export const TARGET_STATES = ['planned', 'intended', 'released', 'unknown', 'started', 'failed', 'denied'] as const;
export type TargetState = (typeof TARGET_STATES)[number];

/** How far one target has come. */
export interface TargetProgress {
  readonly state: TargetState;
  /** What tells more outranks what tells less, whichever was read first. See `fold-target.ts`. */
  readonly state_rank: number;
  readonly state_at: number;
  /** The region that says so. */
  readonly state_by: string;
  readonly reason: string | null;
  readonly detail: string | null;
  /** Of the run that was started. */
  readonly run_id: string | null;
  readonly run_url: string | null;
  readonly how: Extract<DispatchSettled['outcome'], { kind: 'started' }>['how'] | null;
}

/** What was decided about one target; null until the decision is read. Then the names are those of the endpoint id. */
export interface TargetDecided {
  readonly decided_at: number | null;
  readonly decided_by: string | null;
  /** Place in the decision, from 0. */
  readonly ordinal: number | null;
  readonly owner: string;
  readonly repo: string;
  readonly workflow: string;
  readonly ref: string | null;
  readonly rule: string | null;
  readonly verdict: 'allowed' | 'denied' | null;
}

/** How the run that was started ended; null until it has. */
export interface TargetEnd {
  readonly ended_run_id: string | null;
  readonly ended_attempt: number | null;
  readonly ended_conclusion: string | null;
  readonly ended_url: string | null;
  readonly ended_at: number | null;
  readonly ended_by: string | null;
}

export interface DispatchTargetRow extends TargetDecided, TargetProgress, TargetEnd {
  readonly event_id: string;
  readonly delivery_id: string;
  readonly tenant_id: string;
  readonly endpoint_id: string;
  readonly scope: Scope;
}

/** What was last written to GitHub about a run: a check run, an issue. Ids stay known when a later report does not name them. */
export interface DispatchReportRow {
  readonly event_id: string;
  readonly tenant_id: string;
  readonly scope: Scope;
  readonly region: string;
  readonly at: number;
  readonly digest: string;
  readonly failed: string | null;
  readonly check_run_id: string | null;
  readonly check_run_at: number | null;
  readonly issue_number: number | null;
  readonly issue_at: number | null;
}

/** The newest reading of the App's delivery list by one region. */
export interface DispatchSweepRow {
  readonly region: string;
  readonly scope: Scope;
  readonly at: number;
  readonly from_at: number;
  readonly to_at: number;
  readonly listed: number;
  /** Deliveries that were asked for again. */
  readonly redelivered: number;
  /** Age of the oldest delivery that had not arrived, in whole seconds; 0 without one. */
  readonly gap_seconds: number;
}
