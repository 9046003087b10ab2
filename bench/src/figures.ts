import { costsOf, rssAround } from './measure/costs.ts';
import { commitOf, machine } from './measure/machine.ts';
import { latenciesOf } from './measure/percentile.ts';
import type { BenchOptions } from './options.ts';
import type { BenchResult } from './result.ts';
import type { Measured } from './run-bench.ts';
import { REPOSITORY } from './stack/local-stack.ts';

/** The memory of a soak is noted every so many events. */
const MARK_EVERY = 50_000;

/** Makes a result of what was measured. `date` is an ISO instant. */
export function figuresOf(measured: Measured, options: BenchOptions, date: string): BenchResult {
  const { rate, events, warmUpEvents, endpoints, fanOut, payloadBytes, failingPercent, connections, via, regions, handOver, name } =
    options;
  const accepted = measured.load.counts.accepted;
  return {
    date,
    name,
    commit: commitOf(REPOSITORY),
    machine: machine(measured.natsVersion),
    settings: { rate, events, warmUpEvents, endpoints, fanOut, payloadBytes, failingPercent, connections, via, regions, handOver },
    events: eventFigures(measured, warmUpEvents),
    speed: speedFigures(measured),
    processes: costsOf(measured.samples, measured.names, accepted),
    rssAt: Object.fromEntries(marksUpTo(accepted).map((mark) => [String(mark), rssAt(measured, mark)])),
  };
}

const marksUpTo = (events: number): number[] =>
  Array.from({ length: Math.floor(events / MARK_EVERY) }, (_, index) => (index + 1) * MARK_EVERY);

const rssAt = ({ load, names, samples }: Measured, events: number): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, rssAround(samples, name, events, load.counts.accepted)]));

function eventFigures({ comparison, load, restarted }: Measured, warmUpEvents: number): BenchResult['events'] {
  const { accepted, owed, delivered, missing, repeated, unexpected, refusedOnPurpose } = comparison;
  const { sent, refused } = load.counts;
  const compared = { accepted, owed, delivered, missing: missing.length, repeated, unexpected, refusedOnPurpose };
  return { sent: sent + warmUpEvents, refused, answers: load.answers, ...compared, restarted: [...restarted] };
}

function speedFigures({ comparison, deliveredAtMs, load, projectedAtMs, projectorLag }: Measured): BenchResult['speed'] {
  const loadSeconds = (load.endMs - load.startMs) / 1_000;
  const sinceStart = comparison.deliveredAtMs.filter((at) => at >= load.startMs);
  const inWindow = sinceStart.filter((at) => at <= load.endMs).length;
  const overallSeconds = ((comparison.deliveredAtMs.at(-1) ?? load.endMs) - load.startMs) / 1_000;
  return {
    loadSeconds,
    acceptedPerSecond: load.counts.accepted / loadSeconds,
    deliveredPerSecond: inWindow / loadSeconds,
    deliveredPerSecondOverall: sinceStart.length / overallSeconds,
    ackMs: latenciesOf(comparison.ackMs),
    endToEndMs: latenciesOf(comparison.endToEndMs),
    projectorLag,
    deliveryCatchUpMs: deliveredAtMs - load.endMs,
    projectorCatchUpMs: projectedAtMs - load.endMs,
  };
}
