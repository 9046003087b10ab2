import type { BenchResult } from './result.ts';

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
const row = (cells: readonly string[]): string => cells.map((cell, index) => (index === 0 ? cell.padEnd(12) : cell.padStart(14))).join('');

const latency = ({ p50, p95, p99, max }: BenchResult['speed']['ackMs']): string =>
  `p50 ${p50.toFixed(1)} ms   p95 ${p95.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms   max ${max.toFixed(0)} ms`;

/** A result as lines for a terminal. */
export function reportLines(result: BenchResult): string[] {
  const { events, speed } = result;
  return [
    '',
    `accepted    ${events.accepted} of ${events.sent} sent, warm-up included; ${speed.acceptedPerSecond.toFixed(0)}/s for ${speed.loadSeconds.toFixed(1)} s   answers ${JSON.stringify(events.answers)}`,
    `delivered   ${events.delivered} of ${events.owed} owed; ${speed.deliveredPerSecond.toFixed(0)}/s under load, ${speed.deliveredPerSecondOverall.toFixed(0)}/s overall; refused on purpose ${events.refusedOnPurpose}`,
    `verified    missing ${events.missing}, repeated ${events.repeated}, unexpected ${events.unexpected}, restarted ${events.restarted.join(' ') || 'none'}`,
    `ack         ${latency(speed.ackMs)}`,
    `end to end  ${latency(speed.endToEndMs)}`,
    `catch-up    deliveries ${speed.deliveryCatchUpMs.toFixed(0)} ms; projector ${speed.projectorLag} behind at the end, none after ${speed.projectorCatchUpMs.toFixed(0)} ms`,
    '',
    ...processLines(result),
    ...markLines(result),
  ];
}

function processLines({ processes }: BenchResult): string[] {
  const costs = Object.entries(processes);
  const total = costs.reduce((sum, [, cost]) => sum + cost.cpuMicrosPerEvent, 0);
  return [
    row(['', 'CPU µs/event', 'MiB at start', 'at 1/3', 'at end', 'max', 'end : 1/3']),
    ...costs.map(([name, cost]) =>
      row([
        name,
        cost.cpuMicrosPerEvent.toFixed(0),
        mib(cost.rssStart),
        mib(cost.rssThird),
        mib(cost.rssEnd),
        mib(cost.rssMax),
        cost.growth.toFixed(2),
      ]),
    ),
    row(['total', total.toFixed(0)]),
  ];
}

/** The first hundred thousand events fill what is meant to be filled: caches, and nats-server's memory of Msg-Ids. */
const BASE = '100000';

function markLines({ rssAt }: BenchResult): string[] {
  const base = rssAt[BASE];
  const marks = Object.entries(rssAt);
  if (base === undefined || marks.length < 3) return [];
  return [
    '',
    row(['MiB after', ...marks.map(([mark]) => mark), 'last : 100000']),
    ...Object.entries(base).map(([name, size]) => {
      const sizes = marks.map(([, sizeOf]) => sizeOf[name] ?? 0);
      return row([name, ...sizes.map(mib), ((sizes.at(-1) ?? 0) / size).toFixed(2)]);
    }),
  ];
}
