import { pause } from '@waybill/bench';
import { type Span, traceIdOf } from '@waybill/contracts';
import { startTraceReceiver, TraceStore } from '@waybill/traces';
import { finding } from '../proof.ts';
import type { RegionRig } from './region-rig.ts';

/** What is kept of the traces of a drill. */
export interface KeptTraces {
  /** With which a stack tells its spans here: of twenty events a second at each door, soon after they are over. */
  readonly env: Readonly<Record<string, string>>;
  readonly store: TraceStore;
  close(): Promise<void>;
}

/** Forty traces a second of about twenty spans, for more than a minute. */
const MAX_SPANS = 60_000;
const MAX_BYTES = 128 * 1024 * 1024;

/** Starts a receiver of spans. A region that is killed takes with it what it had not sent within a tenth of a second. */
export async function keepTraces(): Promise<KeptTraces> {
  const store = new TraceStore({ maxSpans: MAX_SPANS, maxBytes: MAX_BYTES });
  const receiver = await startTraceReceiver({ port: 0, store });
  const env = {
    OTEL_SDK_DISABLED: 'false',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    TRACES_PER_SECOND: '20',
  };
  return { env, store, close: () => receiver.close() };
}

const BUDGET_MS = 30_000;
const POLL_MS = 500;

/**
 * How many events have one trace that begins at the first region's door and goes on, step by step, to an attempt that the second one made after `sinceMs` (ms since
 * 1970). Looks for half a minute at most until there is one.
 */
export async function takenOverTraces(rig: RegionRig, store: TraceStore, sinceMs: number): Promise<number> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const traces = rig.sender.accepted.map(({ id }) => store.spansOf(traceIdOf(id) ?? ''));
    const continued = traces.filter((spans) => isContinued(spans, rig, sinceMs)).length;
    if (continued > 0 || waitedMs >= BUDGET_MS) return continued;
    await pause(POLL_MS);
  }
}

/** The finding when there is none. */
export const untraced = (takenOver: number): string[] =>
  finding('no event that was taken over has a trace over both regions', takenOver === 0 ? ['0'] : []);

function isContinued(spans: readonly Span[], { first, second }: RegionRig, sinceMs: number): boolean {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const beginningOf = (span: Span): Span | undefined => {
    if (span.parentSpanId === undefined) return span;
    const above = byId.get(span.parentSpanId);
    return above && beginningOf(above);
  };
  const attempts = spans.filter(({ kind, region, startMs }) => kind === 'client' && region === second && startMs > sinceMs);
  return attempts.map(beginningOf).some((from) => from?.kind === 'server' && from.region === first);
}
