import { z } from 'zod';
import { type BenchResult, benchResultSchema } from './result.ts';

const BEGIN = '<!-- results: begin -->';
const END = '<!-- results: end -->';

const HEADER = [
  'run',
  'commit',
  'rate',
  'events',
  'endpoints, fan-out',
  'failing',
  'accepted/s',
  'delivered/s',
  'ack p50 · p95 · p99 ms',
  'end to end p50 · p95 · p99 ms',
  'CPU µs/event: nats · ingress · planner · dispatcher · projector',
  'missing',
  'repeated',
];
const SERVICES = ['nats', 'ingress', 'planner', 'dispatcher', 'projector'];

/** Parses the text of one result file. Throws with the file's name when it is none. */
export function parseResult(file: string, text: string): BenchResult {
  const parsed = benchResultSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is no result of the bench: ${z.prettifyError(parsed.error)}`);
}

/** The table of all results as Markdown, oldest first, with the machines they were measured on. */
export function resultTable(results: readonly BenchResult[]): string {
  if (results.length === 0) return 'No results yet.';
  const sorted = results.toSorted((left, right) => left.date.localeCompare(right.date));
  const machines = [...new Set(sorted.map(machineLine))];
  const rows = sorted.map((result) => line(cellsOf(result)));
  return [...machines, '', line(HEADER), line(HEADER.map(() => '---')), ...rows].join('\n');
}

/** Puts a table between the marks of a page. Throws when the page has no marks. */
export function withTable(page: string, table: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the page needs ${BEGIN} and ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n${table}\n${page.slice(end)}`;
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const machineLine = ({ machine: { cores, cpu, memoryGiB, natsServer, node, platform } }: BenchResult): string =>
  `Measured on ${cores} cores of ${cpu}, ${memoryGiB} GiB, ${platform}, Node ${node.slice(1)}, nats-server ${natsServer}; load generator and receiver on the same cores.`;

const three = ({ p50, p95, p99 }: BenchResult['speed']['ackMs']): string =>
  [p50, p95, p99].map((ms) => ms.toFixed(ms < 10 ? 1 : 0)).join(' · ');

function cellsOf({ commit, date, events, name, processes, settings, speed }: BenchResult): string[] {
  return [
    `${name}, ${date.slice(0, 10)}`,
    commit,
    settings.rate === 0 ? 'max' : String(settings.rate),
    String(events.sent),
    `${settings.endpoints}, ${settings.fanOut}`,
    `${settings.failingPercent}%`,
    speed.acceptedPerSecond.toFixed(0),
    speed.deliveredPerSecond.toFixed(0),
    three(speed.ackMs),
    three(speed.endToEndMs),
    SERVICES.map((service) => (processes[service]?.cpuMicrosPerEvent ?? 0).toFixed(0)).join(' · '),
    String(events.missing),
    String(events.repeated),
  ];
}
