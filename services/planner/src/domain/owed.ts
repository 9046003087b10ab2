import type { DeliveryRoute } from './choose-regions.ts';
import type { PlannedDelivery } from './make-plan.ts';

/** Why a delivery goes where it goes; `job`: a job sends it. */
export type Because = DeliveryRoute['because'] | 'job';
export const BECAUSE = [
  'wanted',
  'failover',
  'spillover',
  'nobody_else',
  'remembered',
  'fixed',
  'job',
] as const satisfies readonly Because[];

/** A delivery, and the region that makes it. */
export interface Owed {
  readonly region: string;
  readonly delivery: PlannedDelivery;
  /** Absent: a job sends it. */
  readonly because?: Because;
}

/** What one region is to deliver of an event: a plan. */
export interface Part {
  readonly region: string;
  readonly deliveries: PlannedDelivery[];
  /** One for each delivery. */
  readonly because: Because[];
}

/** The deliveries of an event by the region that makes them. */
export function groupByRegion(owed: readonly Owed[]): Part[] {
  const parts = new Map<string, Part>();
  for (const { region, delivery, because = 'job' } of owed) {
    const part = parts.get(region) ?? { region, deliveries: [], because: [] };
    part.deliveries.push(delivery);
    part.because.push(because);
    parts.set(region, part);
  }
  return [...parts.values()];
}
