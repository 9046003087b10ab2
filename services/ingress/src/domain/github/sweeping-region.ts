import type { RegionState } from '@waybill/contracts';

/** What is known of the regions. */
export interface RegionsSeen {
  /** All regions, the first choice for standing in first. */
  readonly order: readonly string[];
  /** A region without a record counts as active. */
  readonly stateOf: (region: string) => RegionState | undefined;
  /** Whether the region's lease has run out: it may be gone, though nobody has said so. */
  readonly hasRunOut: (region: string) => boolean;
}

/** The region that asks GitHub for lost webhooks: the first active one that is alive. Two regions may disagree for a moment; both asking does no harm. */
export function sweepingRegion({ order, stateOf, hasRunOut }: RegionsSeen): string | undefined {
  const active = order.filter((region) => (stateOf(region) ?? 'active') === 'active');
  return active.find((region) => !hasRunOut(region)) ?? active[0] ?? order[0];
}
