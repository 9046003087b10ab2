import type { Problem } from './finding.ts';

/** A peer's LOG and the copy of it in a region, as both are found. Sequences are those of the peer's LOG. */
export interface CopySeen {
  readonly region: string;
  readonly peer: string;
  /** The consumer that feeds the copy; absent: there is none. */
  readonly feed:
    | {
        /** Up to here the region has said that it stored what it was sent; 0: nothing yet. */
        readonly ackedSeq: number;
        /** Facts that were not sent yet. */
        readonly pending: number;
      }
    | undefined;
  /** The oldest and the newest fact that are to be copied; absent: there is none. */
  readonly inLog: { readonly firstSeq: number; readonly firstAtMs: number; readonly newestSeq: number } | undefined;
  /** Oldest and newest that were; absent: none. */
  readonly copied:
    | {
        readonly firstSeq: number;
        readonly lastSeq: number;
        /** What came before was removed, as `waybill retention` does, region by region. */
        readonly isFrontRemoved: boolean;
      }
    | undefined;
  /** How long the copy keeps facts, in ms; 0: for ever. */
  readonly keptMs: number;
}

/** Facts this close to their end may be gone on one side already. */
const EDGE_MS = 60_000;

/**
 * Finds a copy that lacks what its origin has long sent: it was made anew without rewinding the origin's consumer, which then goes on where the old
 * copy was. Times of the two servers are compared by the minute only. Pure.
 */
export function judgeCopy(seen: CopySeen, nowMs: number): Problem[] {
  const { region, peer, feed, inLog, copied, keptMs } = seen;
  if (feed === undefined) return [{ detail: `${peer} has no consumer that feeds ${region}`, remedy: 'run "npx waybill provision"' }];
  if (inLog === undefined) return [];
  const { firstSeq, firstAtMs, newestSeq } = inLog;
  if (copied !== undefined && copied.lastSeq < newestSeq && feed.ackedSeq >= newestSeq)
    return [incomplete(seen, `ends at ${copied.lastSeq}, but it has acknowledged all up to ${newestSeq}`)];
  if (keptMs > 0 && nowMs - firstAtMs > keptMs - EDGE_MS) return [];
  if (copied === undefined && feed.ackedSeq >= firstSeq)
    return [incomplete(seen, `is empty, but it has acknowledged all up to ${feed.ackedSeq}`)];
  if (copied !== undefined && copied.firstSeq > firstSeq && !copied.isFrontRemoved)
    return [incomplete(seen, `begins at ${copied.firstSeq}, but the log of ${peer} has facts from ${firstSeq} on`)];
  return [];
}

const incomplete = ({ region, peer }: CopySeen, how: string): Problem => ({
  detail: `the copy of ${peer} in ${region} ${how}: it was made anew, and what was sent before does not come again by itself`,
  remedy: `npx waybill provision --rebuild-peers ${region}`,
});
