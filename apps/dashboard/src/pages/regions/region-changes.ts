import type { Region, Regions } from '../../api/regions.ts';
import { isSilent } from './region-health.ts';

export const CHANGES = ['failover', 'drain', 'activate'] as const;
export type Change = (typeof CHANGES)[number];
export const changeOf = (given: string | null): Change | undefined => CHANGES.find((name) => name === given);

/** A change that a region's state allows. `isForcedOnly`: it can only be made at once, without waiting for anybody. */
export interface PossibleChange {
  readonly change: Change;
  readonly label: string;
  readonly isForcedOnly: boolean;
}

const possible = (change: Change, label: string, isForcedOnly = false): PossibleChange => ({ change, label, isForcedOnly });

/** What can be done with a region now, the likeliest first. One alone has nobody who could stand in; one that is silent does not hear that it is to drain. Pure; the API decides. */
export function changesFor(region: Pick<Region, 'state' | 'leaseAgeMs'>, { data }: Pick<Regions, 'data'>): readonly PossibleChange[] {
  if (data.length < 2) return [];
  switch (region.state) {
    case 'active':
      return isSilent(region) ? [possible('failover', 'Fail over')] : [possible('failover', 'Fail over'), possible('drain', 'Drain')];
    case 'draining':
      return [possible('failover', 'Go on failing over'), possible('activate', 'Call it off', true)];
    case 'drained':
    case 'failed':
      return [possible('activate', 'Fail back')];
    case 'recovering':
      return [possible('failover', 'Fail over'), possible('drain', 'Drain'), possible('activate', 'Take everything at once', true)];
    default:
      return [];
  }
}

/** Who could stand in for a region: those that are active and heard of. */
export const standInsFor = ({ id }: Pick<Region, 'id'>, { data }: Pick<Regions, 'data'>): readonly Region[] =>
  data.filter((other) => other.id !== id && other.state === 'active' && !isSilent(other));

/** What a change of a region is asked for with; `to` and `isForced` where they apply. */
export interface ChangeForm {
  readonly change: Change;
  readonly region: string;
  readonly reason: string;
  readonly to: string;
  readonly isForced: boolean;
}

/** The command of a form. */
export function commandOf({ change, region, reason, to, isForced }: ChangeForm): { readonly path: string; readonly body: object } {
  if (change === 'failover') return { path: `/admin/failover/${region}`, body: { reason, force: isForced, ...(to === '' ? {} : { to }) } };
  const path = `/admin/regions/${region}/${change}`;
  return { path, body: change === 'activate' ? { reason, force: isForced } : { reason } };
}
