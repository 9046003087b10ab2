import type { Scope } from '@waybill/contracts';
import type { FactOf } from './fact.ts';
import { firstJobOf, order } from './plans.ts';
import type { ResolutionRow, Settled } from './recovery-rows.ts';
import type { DeliveryRow } from './rows.ts';
import type { WorkingSet } from './working-set.ts';

const OPEN: Settled = { state: 'open', resolved_at: null, job_id: null, actor: null, resolved_reason: null };

/** How a delivery's dead letter stands. A redrive counts before a discard: something was sent. */
export function settledBy(row: ResolutionRow | undefined): Settled {
  if (row === undefined) return OPEN;
  if (row.redriven_at !== null) return { ...OPEN, state: 'redriven', resolved_at: row.redriven_at, job_id: row.job_id };
  return discardedBy(row);
}

function discardedBy({ discarded_at: at, actor, reason }: ResolutionRow): Settled {
  return at === null ? OPEN : { state: 'discarded', resolved_at: at, job_id: null, actor, resolved_reason: reason };
}

/** How the dead letter of an event stands that was set aside: the first job that planned it after all redrove it. */
export function settledEvent(plans: string | null, resolution: ResolutionRow | undefined): Settled {
  const job = firstJobOf(plans);
  if (job !== undefined) return { ...OPEN, state: 'redriven', resolved_at: job.at, job_id: job.id };
  return resolution === undefined ? OPEN : discardedBy(resolution);
}

const DEAD: ReadonlySet<string> = new Set(['dead_lettered', 'denied', 'superseded']);

/** A delivery that ended without success is superseded as soon as another one was made in its place. */
export function withResolution(row: DeliveryRow, resolution: ResolutionRow | undefined): DeliveryRow {
  const at = resolution?.redriven_at ?? null;
  if (at === null || !DEAD.has(row.state)) return row;
  return { ...row, state: 'superseded', updated_at: Math.max(row.ended_at ?? at, at) };
}

const newResolution = (id: string, scope: Scope): ResolutionRow => ({
  id,
  scope,
  redriven_at: null,
  job_id: null,
  discarded_at: null,
  actor: null,
  reason: null,
});

/** A job made a delivery in the place of this one. Of several jobs the first counts. */
export function foldReplaced(set: WorkingSet, { fact, scope }: FactOf<'plan.made'>, deliveryId: string): void {
  if (fact.replay === undefined) return;
  const at = Date.parse(fact.at);
  const known = set.resolution(deliveryId) ?? newResolution(deliveryId, scope);
  const isEarlier = known.redriven_at === null || (at - known.redriven_at || order(fact.replay.jobId, known.job_id ?? '')) < 0;
  if (!isEarlier) return;
  settle(set, { ...known, scope: wider(known.scope, scope), redriven_at: at, job_id: fact.replay.jobId });
}

/** Of several discards the first counts. */
export function foldDiscarded(set: WorkingSet, { fact, scope }: FactOf<'dead_letter.discarded'>): void {
  const at = Date.parse(fact.at);
  const { actor, reason } = fact.by;
  for (const id of fact.ids) {
    const known = set.resolution(id) ?? newResolution(id, scope);
    const isEarlier =
      known.discarded_at === null || (at - known.discarded_at || order(actor, known.actor ?? '') || order(reason, known.reason ?? '')) < 0;
    if (isEarlier) settle(set, { ...known, scope: wider(known.scope, scope), discarded_at: at, actor, reason });
  }
}

/** What any other region must know is not left out of what regions compare. */
const wider = (left: Scope, right: Scope): Scope => (left === 'g' ? left : right);

function settle(set: WorkingSet, row: ResolutionRow): void {
  set.resolutions.set(row.id, row);
  const dead = set.deadLetter(row.id);
  if (dead === undefined) return;
  if (dead.kind === 'event') {
    if (dead.state !== 'redriven') set.settle({ ...dead, ...discardedBy(row) });
    return;
  }
  set.settle({ ...dead, ...settledBy(row) });
  const delivery = set.delivery(row.id);
  if (delivery !== undefined && row.redriven_at !== null) set.setDelivery(withResolution(delivery, row));
}
