import { percentile } from '../measure/percentile.ts';
import type { Mode } from './modes.ts';

/** What one slice of the load cost in one mode: CPU per accepted event in microseconds, by process. */
export interface ModeSlice {
  readonly mode: Mode;
  readonly round: number;
  readonly cpuMicrosPerEvent: Readonly<Record<string, number>>;
}

/** One mode over all rounds, as medians. */
export interface ModeCost {
  readonly mode: Mode;
  readonly cpuMicrosPerEvent: Readonly<Record<string, number>>;
  readonly total: number;
  /** `total` of a round divided by that of the first mode in the same round, as the median of the rounds. */
  readonly ratio: number;
}

/** Costs of each mode in `modes`, compared with the first of them. */
export function costsOfModes(runs: readonly ModeSlice[], modes: readonly Mode[]): ModeCost[] {
  const [base] = modes;
  const totalIn = (mode: Mode | undefined, round: number): number =>
    sum(runs.find((run) => run.mode === mode && run.round === round)?.cpuMicrosPerEvent ?? {});
  return modes.map((mode) => {
    const own = runs.filter((run) => run.mode === mode);
    const names = Object.keys(own[0]?.cpuMicrosPerEvent ?? {});
    const each = names.map((name) => [name, median(own.map((run) => run.cpuMicrosPerEvent[name] ?? 0))] as const);
    return {
      mode,
      cpuMicrosPerEvent: Object.fromEntries(each),
      total: median(own.map(({ cpuMicrosPerEvent }) => sum(cpuMicrosPerEvent))),
      ratio: median(own.map(({ round }) => totalIn(mode, round) / totalIn(base, round))),
    };
  });
}

const sum = (costs: Readonly<Record<string, number>>): number => Object.values(costs).reduce((total, cost) => total + cost, 0);
const median = (values: readonly number[]): number => percentile(Float64Array.from(values).toSorted(), 50);
