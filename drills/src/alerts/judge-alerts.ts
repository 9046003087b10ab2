import { finding } from '../proof.ts';
import type { Episode } from './alert-book.ts';

/** What happened to the region, wall clock in ms. */
export interface Moments {
  readonly killedMs: number;
  /** When the region that came back took requests again. */
  readonly servesMs: number;
}

/** How the rules are run. */
export interface Pace {
  /** Between two collections, and between two evaluations. */
  readonly intervalMs: number;
  /** What a busy machine adds to every time. */
  readonly slackMs: number;
}

/**
 * Alerts that the loss of a region fires, for that region, and after how many intervals of 15 s: the canary's after 120 s without a success; the outage's when its minute
 * without an event has begun to count, and five more are over. The table in docs/observability.md says the same.
 */
const EXPECTED = [
  { alertname: 'WaybillCanaryFailing', afterIntervals: 8 },
  { alertname: 'WaybillRegionOutage', afterIntervals: 23 },
] as const;

/** The moments of collecting, of evaluating and of the canary's rounds are anywhere within an interval each. */
const TOLERANCE_INTERVALS = 2;
/** Two collections that differ, an evaluation, and the canary's next round. */
const GONE_INTERVALS = 5;

export const expectedAlerts = (region: string): string[] => EXPECTED.map(({ alertname }) => `${alertname}{region="${region}"}`);

/** When the last of the expected alerts must fire, counted from the kill. */
export const lastFiringMs = ({ intervalMs, slackMs }: Pace): number =>
  Math.max(...EXPECTED.map(({ afterIntervals }) => afterIntervals + TOLERANCE_INTERVALS)) * intervalMs + slackMs;

/** When all of them must be gone, counted from the first request that the region took again. */
export const goneWithinMs = ({ intervalMs, slackMs }: Pace): number => GONE_INTERVALS * intervalMs + slackMs;

/** Judges what fired: exactly the alerts that the loss of this region fires, once each, each in its time, and none afterwards. Pure. */
export function judgeAlerts(episodes: readonly Episode[], region: string, moments: Moments, pace: Pace): string[] {
  const fired = episodes.filter(({ firingMs }) => firingMs !== undefined);
  const expected = expectedAlerts(region);
  const tell = (episode: Episode): string => told(episode, moments);
  const early = fired.filter(({ firingMs = 0 }) => firingMs < moments.killedMs);
  const others = fired.filter((episode) => !early.includes(episode) && !expected.includes(episode.alert));
  const wanted = fired.filter((episode) => !early.includes(episode) && expected.includes(episode.alert));
  const count = (name: string): number => wanted.filter(({ alert }) => alert === name).length;
  return [
    ...finding('an alert fired although nothing was wrong', early.map(tell)),
    ...finding('an alert fired that should not', others.map(tell)),
    ...finding(
      'an alert did not fire',
      expected.filter((name) => count(name) === 0),
    ),
    ...finding(
      'an alert fired more than once',
      expected.filter((name) => count(name) > 1),
    ),
    ...finding('an alert fired at another time than expected', wanted.filter((episode) => !isInTime(episode, moments, pace)).map(tell)),
    ...finding('an alert did not go in time', wanted.filter((episode) => !isGoneInTime(episode, moments, pace)).map(tell)),
  ];
}

function isInTime({ alert, firingMs = 0 }: Episode, { killedMs }: Moments, { intervalMs, slackMs }: Pace): boolean {
  const { afterIntervals = 0 } = EXPECTED.find(({ alertname }) => alert.startsWith(`${alertname}{`)) ?? {};
  const afterMs = firingMs - killedMs;
  return (
    afterMs >= (afterIntervals - TOLERANCE_INTERVALS) * intervalMs &&
    afterMs <= (afterIntervals + TOLERANCE_INTERVALS) * intervalMs + slackMs
  );
}

const isGoneInTime = ({ goneMs }: Episode, { servesMs }: Moments, pace: Pace): boolean =>
  goneMs !== undefined && goneMs <= servesMs + goneWithinMs(pace);

/** When an alert came, fired and went, in seconds since the kill. */
export function told({ alert, pendingMs, firingMs, goneMs }: Episode, { killedMs }: Pick<Moments, 'killedMs'>): string {
  const at = (ms: number | undefined): string => (ms === undefined ? 'never' : `${((ms - killedMs) / 1_000).toFixed(1)} s`);
  return `${alert}: pending ${at(pendingMs)}, firing ${at(firingMs)}, gone ${at(goneMs)} after the kill`;
}
