import type { RegionsAnswer } from '../client/regions.ts';
import type { Problem } from './finding.ts';

/** What the control bucket itself says of a region. */
export interface KnownRecord {
  readonly state: string;
  readonly epoch: number;
  /** Whether it was renewed while it was watched. */
  readonly isRenewed: boolean;
}

/** A view polls once a second. */
const STALE_MS = 10_000;

/**
 * Finds a region whose own view of all regions stands still: it says that it cannot read the control bucket, or shows what is not so any more. `known`
 * must have been read before the answer was asked for. Pure.
 */
export function judgeView(region: string, { data, control }: RegionsAnswer, known: ReadonlyMap<string, KnownRecord>): Problem[] {
  const remedy = `restart the ingress of ${region}; its planner and dispatcher may see as little, so look at their health`;
  if (!control.ok) return [{ detail: `${region} cannot read the control bucket: ${control.detail ?? 'away'}`, remedy }];
  return data.flatMap(({ id, state, epoch, leaseAgeMs }) => {
    const record = known.get(id);
    if (record === undefined) return [];
    if ((epoch ?? 0) < record.epoch)
      return [
        { detail: `${region} sees ${id} as ${state} (epoch ${epoch ?? 0}), but it is ${record.state} (epoch ${record.epoch})`, remedy },
      ];
    const isStale = record.isRenewed && (leaseAgeMs ?? 0) > STALE_MS;
    return isStale
      ? [{ detail: `${region} has not seen ${id} renew its record for ${Math.round((leaseAgeMs ?? 0) / 1000)} s`, remedy }]
      : [];
  });
}
