import type { Region, Regions } from '../../api/regions.ts';
import type { Tone } from '../../parts/state.tsx';
import { spanText } from '../../parts/span-text.ts';
import type { RegionFigures } from './figures.ts';

/** A region that renews its record every second and has not for this long, in ms, is down or cut off: it cannot be drained any more. */
export const SILENT_MS = 6_000;
/** What is promised of a quiet region (README): answers and first attempts, p95 in ms. */
const PROMISED_MS = { ack: 50, processing: 250 } as const;
const MOST_FAILED = 0.05;
const MOST_LAG_MS = 10_000;

/** How a region is, in a word, and what is the matter; the worst first. */
export interface Health {
  readonly word: string;
  readonly tone: Tone;
  readonly reasons: readonly string[];
}

export const isSilent = ({ leaseAgeMs }: Pick<Region, 'leaseAgeMs'>): boolean => (leaseAgeMs ?? 0) >= SILENT_MS;

/** Judges a region by its state, its lease, its own report and its figures. Pure. */
export function healthOf(region: Region, regions: Regions, figures: RegionFigures | undefined): Health {
  const reasons = [...stateReasons(region), ...silenceReasons(region, regions), ...reportReasons(region, regions), ...slowReasons(figures)];
  if (region.state === 'failed') return { word: 'failed', tone: 'bad', reasons };
  if (region.state === 'unknown') return { word: 'unknown', tone: 'off', reasons };
  if (isSilent(region)) return { word: 'silent', tone: 'bad', reasons };
  if (region.state !== 'active') return { word: region.state, tone: region.state === 'drained' ? 'off' : 'warn', reasons };
  return reasons.length === 0 ? { word: 'healthy', tone: 'good', reasons } : { word: 'degraded', tone: 'warn', reasons };
}

function stateReasons({ state, to, share }: Region): string[] {
  const others = to ?? 'the other regions';
  switch (state) {
    case 'active':
      return [];
    case 'draining':
      return [`It finishes what it has in its hands; new work goes to ${others}.`];
    case 'drained':
      return [`It delivers only what strict tenants keep here; everything else is done by ${others}.`];
    case 'failed':
      return [`Its work was taken over by ${others}; that of tenants who let nobody stand in waits for it.`];
    case 'recovering':
      return [`It takes its work back in steps: ${share} % now.`];
    default:
      return ['It has not been started yet, or nothing could be read of it.'];
  }
}

function silenceReasons(region: Region, { control }: Regions): string[] {
  if (!control.ok) return [`Its state is what was read last: ${control.detail ?? 'the control bucket cannot be read'}.`];
  if (region.state === 'unknown') return [];
  // That others took its lease looks as if it had renewed it itself.
  if (region.state === 'failed')
    return [region.report === undefined ? 'It does not report: it is down, or cut off.' : 'It reports again: it can be failed back.'];
  if (!isSilent(region)) return [];
  return [`It has not renewed its lease for ${spanText(region.leaseAgeMs ?? 0)}: it is down, or cut off from the other regions.`];
}

function reportReasons({ id, state, report, leaseAgeMs }: Region, { data, control }: Regions): string[] {
  if (report === undefined) {
    const isMissed = control.ok && leaseAgeMs !== undefined && leaseAgeMs < SILENT_MS && state !== 'failed' && data.length > 1;
    return isMissed ? ['Its dispatcher does not report: what it has to do is not known.'] : [];
  }
  // Copies of one that does not report are not late: there are none.
  const late = data.filter((other) => other.id !== id && other.report !== undefined && (report.lagMs[other.id] ?? 0) >= MOST_LAG_MS);
  return [
    ...(report.spilling ? ['It is overloaded: new events go elsewhere.'] : []),
    ...(report.errorRate >= MOST_FAILED ? [`${percentText(report.errorRate)} of its attempts in the last minute failed.`] : []),
    ...late.map((other) => `Copies from ${other.id} are ${spanText(report.lagMs[other.id] ?? 0)} behind.`),
  ];
}

function slowReasons(figures: RegionFigures | undefined): string[] {
  const { ack, processing } = figures?.minute ?? {};
  return [
    ...(ack && ack.p95Ms > PROMISED_MS.ack ? [`Senders wait ${msText(ack.p95Ms)} for their answer (p95; promised are 50 ms).`] : []),
    ...(processing && processing.p95Ms > PROMISED_MS.processing
      ? [
          `Events wait ${msText(processing.p95Ms)} until their first attempt is over (p95; promised are 250 ms). Slow receivers, and those that a circuit holds back, count in it.`,
        ]
      : []),
  ];
}

/** A share from 0 to 1, as `4.2 %`. */
export const percentText = (share: number): string => `${Math.round(share * 1_000) / 10} %`;
/** A duration, exact to three digits or so. */
export const msText = (ms: number): string => (ms >= 1_000 ? spanText(ms) : `${ms >= 100 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`);
