import type { Problem } from './finding.ts';

/** The beats of a peer, in its own LOG and as copied; each `at` is by the clock of the peer that wrote it, in ms. */
export interface BeatsSeen {
  readonly region: string;
  readonly peer: string;
  readonly inLog: { readonly firstAtMs: number; readonly newestAtMs: number } | undefined;
  /** The newest that arrived. */
  readonly copiedAtMs: number | undefined;
}

/** Beats come every two seconds. */
const LATE_MS = 10_000;

/** How far the copy is behind its origin, in ms, by one clock; undefined when there is nothing to compare. */
export function lagMs({ inLog, copiedAtMs }: BeatsSeen): number | undefined {
  return inLog === undefined ? undefined : Math.max(0, inLog.newestAtMs - (copiedAtMs ?? inLog.firstAtMs));
}

/** Finds a pair of regions between which beats do not arrive any more, although they are written. Pure. */
export function judgeBeats(seen: BeatsSeen): Problem[] {
  const behindMs = lagMs(seen);
  if (behindMs === undefined || behindMs <= LATE_MS) return [];
  const { region, peer, copiedAtMs } = seen;
  const late = `${Math.round(behindMs / 1000)} s`;
  return [
    {
      detail:
        copiedAtMs === undefined
          ? `no beat of ${peer} has arrived in ${region}, and ${peer} has written them for ${late}`
          : `the newest beat of ${peer} in ${region} is ${late} older than the one in ${peer}`,
      remedy: `nothing of ${peer} reaches ${region}: what is wrong with its copies or links is told beside this; while ${region} catches up, wait`,
    },
  ];
}
