import type { RegionState } from '@waybill/contracts';
import type { Problem } from './finding.ts';

/** A region's record and report in the control bucket, watched for a while. */
export interface RenewalSeen {
  readonly region: string;
  /** Its NATS answers and is linked to the hub: who works there can write. */
  readonly isUp: boolean;
  readonly watchedMs: number;
  /** Absent: it was never written. */
  readonly record: { readonly state: RegionState; readonly why: string; readonly isRenewed: boolean } | undefined;
  readonly isReported: boolean;
}

/**
 * Finds a region that is up and whose dispatcher writes nothing any more, or that waits for a person. What a lost region does not write is no finding
 * of its own. Pure.
 */
export function judgeRenewal({ region, isUp, watchedMs, record, isReported }: RenewalSeen): Problem[] {
  if (!isUp) return [];
  const remedy = `see the health and the log of the dispatcher of ${region}; restart it`;
  const seconds = `${Math.round(watchedMs / 1000)} s`;
  if (record === undefined) return [{ detail: `${region} has no record in the control bucket, although it is up`, remedy }];
  if (!record.isRenewed)
    return [{ detail: `the record of ${region} was not renewed for ${seconds}, although the region is up and linked`, remedy }];
  const waits = `${region} was declared failed (${record.why}) and is up`;
  return [
    ...(isReported ? [] : [{ detail: `${region} has not reported for ${seconds}, although it renews its record`, remedy }]),
    ...(record.state === 'failed' ? [{ detail: waits, remedy: `npx waybill activate ${region} --reason …` }] : []),
  ];
}
