import { parseArgs } from 'node:util';

/** What one run of the bench is to do. */
export interface BenchOptions {
  /** Events a second; 0: as fast as answers come back. */
  readonly rate: number;
  readonly events: number;
  /** Events that are sent before anything is measured. They are verified like all others. */
  readonly warmUpEvents: number;
  readonly endpoints: number;
  readonly fanOut: number;
  readonly payloadBytes: number;
  /** Percentage of the deliveries whose first attempt is answered with 503. */
  readonly failingPercent: number;
  readonly connections: number;
  readonly via: 'webhook' | 'api' | 'both';
  /** Regions of the stack; the load goes to the first. */
  readonly regions: number;
  /** Whether the tenant's home is the second region, so that every plan is handed over. */
  readonly handOver: boolean;
  readonly waitSeconds: number;
  readonly name: string;
  readonly dataDir?: string | undefined;
  readonly out?: string | undefined;
  readonly cpuProfiles?: string | undefined;
  /** Added to the environment of the stack. */
  readonly env?: Readonly<Record<string, string>>;
}

export const HELP = `npm run bench -- [options]

Starts a stack of its own with a receiver and a load generator, loads it, then verifies that every accepted event arrived everywhere it is
owed to. Exit code 1 when one is missing.

  --rate N          events a second, sent whatever the answers do; "max": as fast as answers come back   (1200)
  --duration T      how long to send, as 60s or 5m                                                       (60s)
  --warm-up N       events that are sent before anything is measured; verified like all others           (5000)
  --events N        how many events to send, instead of --duration; needed for --rate max
  --endpoints N     endpoints of the tenant                                                              (1)
  --fan-out N       endpoints that each event goes to                                                    (1)
  --payload BYTES   size of the data of an event                                                         (1024)
  --failing P%      share of the deliveries that the receiver refuses once with 503                      (0%)
  --connections N   connections of the load generator                                                    (64)
  --via WAY         webhook (signed), api, or both                                                       (webhook)
  --regions N       regions of the stack, with a hub when there are several; the load goes to the first  (1)
  --hand-over       the tenant has its home in the second region: every plan is handed over
  --wait T          how long to wait for what is still on its way after the last event                   (120s)
  --data DIR        keep the stack's data there instead of in a temporary folder
  --name NAME       part of the result's file name                                                       (run)
  --out FILE        where to write the result instead of bench/results/<date>-<name>.json
  --cpu-prof DIR    write a CPU profile of every service there
  --help            this text`;

const DEFAULT_SECONDS = 60;

/** Parses the command line. Throws with a text for a person; undefined when help was asked for. */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { ...TEXTS, 'hand-over': { type: 'boolean' }, help: { type: 'boolean' } },
    strict: true,
  });
  if (values.help === true) return undefined;
  const rate = values.rate === 'max' ? 0 : wholeNumber('rate', values.rate ?? '1200', 0);
  const endpoints = wholeNumber('endpoints', values.endpoints ?? '1', 1);
  const fanOut = wholeNumber('fan-out', values['fan-out'] ?? '1', 1);
  if (fanOut > endpoints) throw new Error(`--fan-out ${fanOut} needs as many --endpoints, not ${endpoints}`);
  return {
    rate,
    events: eventsOf(rate, values.events, values.duration),
    warmUpEvents: wholeNumber('warm-up', values['warm-up'] ?? '5000', 0),
    endpoints,
    fanOut,
    payloadBytes: wholeNumber('payload', values.payload ?? '1024', 0),
    failingPercent: percentage(values.failing ?? '0%'),
    connections: wholeNumber('connections', values.connections ?? '64', 1),
    via: wayOf(values.via ?? 'webhook'),
    ...regionsOf(values.regions, values['hand-over'] === true),
    waitSeconds: seconds('wait', values.wait ?? '120s'),
    name: values.name ?? 'run',
    dataDir: values.data,
    out: values.out,
    cpuProfiles: values['cpu-prof'],
  };
}

const text = { type: 'string' } as const;
const TEXTS = {
  rate: text,
  duration: text,
  'warm-up': text,
  events: text,
  endpoints: text,
  'fan-out': text,
  payload: text,
  failing: text,
  connections: text,
  via: text,
  regions: text,
  wait: text,
  data: text,
  name: text,
  out: text,
  'cpu-prof': text,
};

function regionsOf(given: string | undefined, handOver: boolean): Pick<BenchOptions, 'regions' | 'handOver'> {
  const regions = wholeNumber('regions', given ?? (handOver ? '2' : '1'), 1);
  if (regions > REGION_IDS.length) throw new Error(`--regions takes at most ${REGION_IDS.length}, not "${regions}"`);
  if (handOver && regions < 2) throw new Error('--hand-over needs --regions 2');
  return { regions, handOver };
}

/** Ids of the regions that a bench may have. */
export const REGION_IDS = ['us-central1', 'europe-west1', 'asia-east1'] as const;

function eventsOf(rate: number, events: string | undefined, duration: string | undefined): number {
  if (events !== undefined && duration !== undefined) throw new Error('give either --events or --duration');
  if (events !== undefined) return wholeNumber('events', events, 1);
  if (rate === 0) throw new Error('--rate max needs --events');
  return rate * (duration === undefined ? DEFAULT_SECONDS : seconds('duration', duration));
}

/** Parses a whole number of at least `min`. Throws with the option's name. */
export function wholeNumber(name: string, value: string, min: number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < min) throw new Error(`--${name} takes a whole number from ${min} on, not "${value}"`);
  return number;
}

/** Parses `90`, `90s` or `5m` as seconds. Throws with the option's name. */
export function seconds(name: string, value: string): number {
  const [, number, unit] = /^(\d+)(s|m)?$/.exec(value) ?? [];
  if (number === undefined) throw new Error(`--${name} takes a time such as 60s or 5m, not "${value}"`);
  return Number(number) * (unit === 'm' ? 60 : 1);
}

function percentage(value: string): number {
  const number = Number(value.replace(/%$/, ''));
  if (!(number >= 0 && number <= 100)) throw new Error(`--failing takes a percentage such as 10%, not "${value}"`);
  return number;
}

function wayOf(value: string): BenchOptions['via'] {
  if (value === 'webhook' || value === 'api' || value === 'both') return value;
  throw new Error(`--via takes webhook, api or both, not "${value}"`);
}
