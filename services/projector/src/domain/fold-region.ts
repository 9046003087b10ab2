import { order } from './plans.ts';
import type { FactOf } from './fact.ts';
import type { REGION_CHANGE_KINDS, RegionChangeRow } from './rows.ts';
import type { WorkingSet } from './working-set.ts';

type RegionFact = FactOf<(typeof REGION_CHANGE_KINDS)[number]>;

/** A change of a region gets its row, once. */
export function foldRegionChange(set: WorkingSet, change: RegionFact): void {
  const { kind, origin, from } = change;
  const { region, at, detail } = changeOf(change);
  const row: RegionChangeRow = {
    at: Date.parse(at),
    origin_region: from,
    origin_seq: origin.seq,
    kind,
    region,
    detail: JSON.stringify(detail),
  };
  set.regionChanges.set(`${row.at} ${from} ${origin.seq}`, row);
}

interface Change {
  readonly region: string;
  readonly at: string;
  readonly detail: object;
}

function changeOf(change: RegionFact): Change {
  if (change.kind === 'region.changed' || change.kind === 'region.spilled') {
    const { v: _v, region, at, ...detail } = change.fact;
    return { region, at, detail };
  }
  if (change.kind === 'takeover.closed') {
    const { v: _v, of, at, ...detail } = change.fact;
    return { region: of, at, detail };
  }
  const { v: _v, of, at, deliveryIds, ...detail } = change.fact;
  return { region: of, at, detail: { ...detail, deliveries: deliveryIds.length } };
}

/** The newest claim of a delivery counts, whichever region it comes from and whether or not the delivery is known yet. */
export function foldClaimed(set: WorkingSet, { fact }: FactOf<'takeover.claimed'>): void {
  const { of, by, epoch } = fact;
  const at = Date.parse(fact.at);
  for (const deliveryId of fact.deliveryIds) {
    const known = set.claim(deliveryId);
    const isNewer =
      known === undefined || (at - known.at || order(by, known.taken_by) || epoch - known.epoch || order(of, known.taken_from)) > 0;
    if (isNewer) set.claims.set(deliveryId, { delivery_id: deliveryId, taken_from: of, taken_by: by, epoch, at });
  }
}
