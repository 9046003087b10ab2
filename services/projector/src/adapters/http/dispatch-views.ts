import { type DecidedFile, reasonText } from '@waybill/contracts';
import { z } from 'zod';
import {
  DISPATCH_STATES,
  type DispatchReportRow,
  type DispatchRow,
  type DispatchSweepRow,
  type DispatchTargetRow,
} from '../../domain/dispatch-rows.ts';
import type { ChainLink, DispatchStory } from '../queries/dispatch-story.ts';
import type { Totals } from '../queries/totals.ts';
import { deliveryView, iso, maybeIso, withZeros } from './views.ts';

const warningsSchema = z.array(z.string());

/** What a reason means and what to do about it; null without a reason, or with one of a newer version. */
const textOf = (reason: string | null) => (reason === null ? null : (reasonText(reason) ?? null));

/** What a finished run led to: the run, the decision, and how its targets stand. */
export const dispatchView = (row: DispatchRow) => ({
  eventId: row.event_id,
  tenantId: row.tenant_id,
  region: row.region,
  decidedAt: iso(row.at),
  state: row.state,
  repository: `${row.owner}/${row.repo}`,
  workflow: row.workflow,
  run: {
    identity: row.identity,
    host: row.host,
    repositoryId: row.repository_id,
    id: row.run_id,
    attempt: row.run_attempt,
    conclusion: row.conclusion,
    event: row.run_event,
    branch: row.branch,
    sha: row.sha,
    url: row.url,
  },
  skip: row.skip_reason === null ? null : { reason: row.skip_reason, detail: row.skip_detail },
  warnings: warningsSchema.parse(JSON.parse(row.warnings)),
  chain: { id: row.chain_id, depth: row.chain_depth },
  counts: {
    targets: row.target_count,
    allowed: row.allowed_count,
    denied: row.denied_count,
    started: row.started_count,
    failed: row.failed_count,
    unknown: row.unknown_count,
    ended: row.ended_count,
  },
});

/** The run that a dispatch started; null while none is known. `conclusion` null with an `endedAt` is GitHub's own null. `how`: `answered` or `found`. */
export function startedRunView(row: DispatchTargetRow | undefined) {
  if (row === undefined || (row.state !== 'started' && row.ended_at === null)) return null;
  const isThatRun = row.run_id === null || row.run_id === row.ended_run_id;
  const end = isThatRun
    ? { attempt: row.ended_attempt, conclusion: row.ended_conclusion, endedAt: maybeIso(row.ended_at) }
    : { attempt: null, conclusion: null, endedAt: null };
  return { id: row.run_id ?? row.ended_run_id, url: row.run_url ?? row.ended_url, how: row.how, ...end };
}

/** One target of a decision and what became of it. `verdict` is the decision's; `reason` says why it was denied, then or later, or why it failed. */
export const targetView = (row: DispatchTargetRow) => ({
  ordinal: row.ordinal,
  deliveryId: row.delivery_id,
  endpointId: row.endpoint_id,
  owner: row.owner,
  repo: row.repo,
  workflow: row.workflow,
  ref: row.ref,
  rule: row.rule,
  verdict: row.verdict,
  state: row.state,
  reason: row.reason,
  detail: row.detail,
  text: textOf(row.reason),
  statedAt: row.state_at === 0 ? null : iso(row.state_at),
  statedIn: row.state_by || null,
  run: startedRunView(row),
});

const linkView = ({ dispatch, deliveryId }: ChainLink) => ({
  eventId: dispatch.event_id,
  deliveryId,
  repository: `${dispatch.owner}/${dispatch.repo}`,
  workflow: dispatch.workflow,
  runId: dispatch.run_id,
  depth: dispatch.chain_depth,
  state: dispatch.state,
});

const reportView = (row: DispatchReportRow) => ({
  at: iso(row.at),
  region: row.region,
  checkRunId: row.check_run_id,
  issueNumber: row.issue_number,
  failed: row.failed,
});

/** The whole story of what one run led to. */
export function dispatchStoryView({ dispatch, targets, deliveries, claims, report, parent, children, isComplete }: DispatchStory) {
  const byDelivery = new Map(targets.map((row) => [row.delivery_id, row]));
  const view = dispatchView(dispatch);
  return {
    ...view,
    skip: view.skip === null ? null : { ...view.skip, text: textOf(view.skip.reason) },
    chain: { ...view.chain, parent: parent === undefined ? null : linkView(parent), children: children.map(linkView) },
    complete: isComplete,
    report: report === undefined ? null : reportView(report),
    targets: targets.map(targetView),
    deliveries: deliveries.map((row) => ({ ...deliveryView(row, claims.get(row.id)), run: startedRunView(byDelivery.get(row.id)) })),
  };
}

/** A `dispatching.yml` as a decision read it. `missing`: there was none. `isCut`: the text is only its beginning. */
export const fileView = ({ repository, path, sha, text, isCut, missing }: DecidedFile) => ({
  repository,
  path,
  sha: sha ?? null,
  text,
  isCut: isCut ?? false,
  missing: missing ?? false,
});

export const sweepView = (row: DispatchSweepRow) => ({
  region: row.region,
  at: iso(row.at),
  from: iso(row.from_at),
  to: iso(row.to_at),
  listed: row.listed,
  redelivered: row.redelivered,
  gapSeconds: row.gap_seconds,
});

/** Dispatches by state, with a 0 for every state that was never reached. */
export const dispatchTotalsView = ({ dispatch }: Totals) => withZeros(DISPATCH_STATES, dispatch);
