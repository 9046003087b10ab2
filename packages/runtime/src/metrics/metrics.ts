import { timingSafeEqual } from 'node:crypto';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type CounterName, COUNTERS, type GaugeName, GAUGES, type HistogramName, HISTOGRAMS } from './catalogue.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** Values of a metric's labels, every one of them. */
export type Labels<Of extends { readonly labels: readonly string[] }> = Readonly<Record<Of['labels'][number], string>>;
/** One value of a gauge. */
export interface Sample<Of extends { readonly labels: readonly string[] }> {
  readonly labels: Labels<Of>;
  readonly value: number;
}

export type Count<Name extends CounterName> = (labels: Labels<(typeof COUNTERS)[Name]>, by?: number) => void;
export type Observe<Name extends HistogramName> = (labels: Labels<(typeof HISTOGRAMS)[Name]>, ms: number) => void;
export type ReadGauge<Name extends GaugeName> = () =>
  | readonly Sample<(typeof GAUGES)[Name]>[]
  | Promise<readonly Sample<(typeof GAUGES)[Name]>[]>;

/** Gauges of prom-client with names of counters, which promtool objects to; the same numbers come by type under proper names. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/** What a gauge may take to be read, so that nobody who looks waits for long. */
const GAUGE_MS = 1_000;

/**
 * How often the delay of the event loop is looked at. With prom-client's 10 ms that costs a process 4 ms of CPU a second, more than all that is counted; this is a tenth of it.
 * `nodejs_eventloop_lag_*` include this time.
 */
const LOOP_EVERY_MS = 50;

/**
 * The metrics of one process, by the names of the catalogue. Counting costs 0.2 to 0.3 µs (prom-client 15.1), so it is done where things happen; gauges are read when
 * somebody asks, and one that cannot be read is left out then. Switched off, nothing is counted and nothing is exposed.
 */
export class Metrics {
  readonly isOn: boolean;
  readonly #token: string | undefined;
  readonly #registry = new Registry();

  /** `token`: who looks must bring it; absent: whoever reaches the service may look. */
  constructor({ isOn, token }: { readonly isOn: boolean; readonly token?: string | undefined }) {
    this.isOn = isOn;
    this.#token = token;
    if (!isOn) return;
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOP_EVERY_MS });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  /** `zeros`: label sets that are there from the start, for an increase from nothing is not seen by `increase()`. */
  counter<Name extends CounterName>(name: Name, zeros: readonly Labels<(typeof COUNTERS)[Name]>[] = []): Count<Name> {
    if (!this.isOn) return () => undefined;
    const { help, labels } = COUNTERS[name];
    const counter = new Counter({ name, help, labelNames: labels, registers: [this.#registry] });
    for (const zero of zeros) counter.inc(zero, 0);
    return (given, by = 1) => counter.inc(given, by);
  }

  /** Takes ms, exposes seconds. */
  histogram<Name extends HistogramName>(name: Name, zeros: readonly Labels<(typeof HISTOGRAMS)[Name]>[] = []): Observe<Name> {
    if (!this.isOn) return () => undefined;
    const { help, labels, edgesMs } = HISTOGRAMS[name];
    const buckets = edgesMs.map((ms) => ms / 1000);
    const histogram = new Histogram({ name, help, labelNames: labels, buckets, registers: [this.#registry] });
    for (const zero of zeros) histogram.zero(zero);
    return (given, ms) => histogram.observe(given, ms / 1000);
  }

  /** `read` is called when somebody looks and none of its calls is under way. What it tells later than a second after that is left out. */
  gauge<Name extends GaugeName>(name: Name, read: ReadGauge<Name>): void {
    if (!this.isOn) return;
    const { help, labels } = GAUGES[name];
    const readOnce = oneAtATime(read);
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [this.#registry],
      collect: async () => {
        const samples = await Promise.race([readOnce(), nothingAfter(GAUGE_MS)]).catch(() => []);
        gauge.reset();
        for (const sample of samples) gauge.set(sample.labels, sample.value);
      },
    });
  }

  /** Whether an Authorization header lets its sender look. */
  isOpenTo(authorization: string): boolean {
    if (this.#token === undefined) return true;
    const [given, wanted] = [Buffer.from(authorization), Buffer.from(`Bearer ${this.#token}`)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  /** Everything as text, as Prometheus reads it. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}

const nothingAfter = (ms: number): Promise<readonly never[]> => new Promise((resolve) => setTimeout(resolve, ms, []).unref());
