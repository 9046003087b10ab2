import type { RegionRecord } from '@waybill/contracts';

/** What a planner does with the events of its own region that others could plan: plan them, hold them, or find out first what others planned. */
export type OwnTurn = 'plan' | 'hold' | 'catch_up';

/** Clocks of different regions may differ by so much. */
const CLOCK_MARGIN_MS = 10 * 60_000;

/**
 * Whose turn it is, by the own region's record. While it is failed another region plans; a region that recovers catches up once an epoch (`caughtUp`).
 * Without a record nobody can have taken over. Pure.
 */
export function ownTurn(record: RegionRecord | undefined, caughtUp: number | undefined): OwnTurn {
  if (record?.state === 'failed') return 'hold';
  return record?.state === 'recovering' && record.epoch !== caughtUp ? 'catch_up' : 'plan';
}

/** The regions that must say that they plan nothing more of a region that recovers: all others that ever began and are not failed themselves. */
export function mustHaveClosed(others: readonly string[], find: (region: string) => RegionRecord | undefined): string[] {
  return others.filter((region) => {
    const record = find(region);
    return record !== undefined && record.state !== 'failed';
  });
}

/** Whether another region may have planned an event that was stored at `storedMs`. False only when the own region has been active since long before. */
export function mayHaveBeenPlannedElsewhere(record: RegionRecord | undefined, storedMs: number): boolean {
  return record?.state !== 'active' || Date.parse(record.since) > storedMs - CLOCK_MARGIN_MS;
}
