import type { LogRecord } from '../measure/record-log.ts';
import { REFUSED_FLAG } from '../receiver/messages.ts';
import { owedTo, type Wiring } from '../stack/wiring.ts';

/** Where an accepted event was owed to and how it went. Times are monotonic, in ms. */
export interface Comparison {
  readonly accepted: number;
  /** Deliveries owed: accepted events times fan-out. */
  readonly owed: number;
  /** Deliveries that arrived and were answered with 2xx, repeats not counted. */
  readonly delivered: number;
  /** `<event id> -> endpoint <n>` of deliveries that did not arrive. */
  readonly missing: readonly string[];
  /** Deliveries that arrived again after a 2xx. */
  readonly repeated: number;
  /** Arrivals of events that were not accepted as far as the sender knows (its answer got lost), or at an endpoint they were not owed to. */
  readonly unexpected: number;
  /** Answers with 503 that the receiver gave on purpose. */
  readonly refusedOnPurpose: number;
  /** Intended sending to 202, of events from `countedFromMs` on. */
  readonly ackMs: Float64Array;
  /** Intended sending to first 2xx, of deliveries of the same events that were not refused on purpose. */
  readonly endToEndMs: Float64Array;
  /** First 2xx of every delivery. */
  readonly deliveredAtMs: Float64Array;
}

interface Delivery {
  readonly sentMs: number;
  refused: boolean;
  deliveredAtMs: number;
  repeats: number;
}

export interface CompareOptions extends Pick<Wiring, 'endpoints' | 'fanOut'> {
  /** Events that were to be sent before this are compared, but give no latencies: the warm-up. */
  readonly countedFromMs?: number;
}

/** Compares what was accepted with what arrived, as sets. `accepted` records hold (type, intended, acknowledged), `arrivals` (endpoint, when). */
export function compare(accepted: Iterable<LogRecord>, arrivals: Iterable<LogRecord>, options: CompareOptions): Comparison {
  const deliveries = new Map<string, Delivery>();
  const { countedFromMs = 0 } = options;
  const ackMs: number[] = [];
  let events = 0;
  for (const { id, tag, first, second } of accepted) {
    events += 1;
    if (first >= countedFromMs) ackMs.push(second - first);
    for (const endpoint of owedTo(tag, options))
      deliveries.set(keyOf(id, endpoint), { sentMs: first, refused: false, deliveredAtMs: 0, repeats: 0 });
  }
  const { unexpected, refusedOnPurpose } = mark(deliveries, arrivals);
  return {
    accepted: events,
    owed: deliveries.size,
    unexpected,
    refusedOnPurpose,
    ackMs: Float64Array.from(ackMs),
    ...outcomeOf(deliveries, countedFromMs),
  };
}

const keyOf = (id: string, endpoint: number): string => `${id} -> endpoint ${endpoint}`;

function mark(deliveries: Map<string, Delivery>, arrivals: Iterable<LogRecord>): { unexpected: number; refusedOnPurpose: number } {
  let unexpected = 0;
  let refusedOnPurpose = 0;
  for (const { id, tag, first } of arrivals) {
    const isRefused = (tag & REFUSED_FLAG) !== 0;
    if (isRefused) refusedOnPurpose += 1;
    const delivery = deliveries.get(keyOf(id, tag & ~REFUSED_FLAG));
    if (delivery === undefined) unexpected += 1;
    else if (isRefused) delivery.refused = true;
    else if (delivery.deliveredAtMs > 0) delivery.repeats += 1;
    else delivery.deliveredAtMs = first;
  }
  return { unexpected, refusedOnPurpose };
}

function outcomeOf(
  deliveries: ReadonlyMap<string, Delivery>,
  countedFromMs: number,
): Pick<Comparison, 'delivered' | 'missing' | 'repeated' | 'endToEndMs' | 'deliveredAtMs'> {
  const missing: string[] = [];
  const endToEndMs: number[] = [];
  const deliveredAtMs: number[] = [];
  let repeated = 0;
  for (const [key, delivery] of deliveries) {
    repeated += delivery.repeats;
    if (delivery.deliveredAtMs === 0) missing.push(key);
    else deliveredAtMs.push(delivery.deliveredAtMs);
    if (delivery.deliveredAtMs > 0 && !delivery.refused && delivery.sentMs >= countedFromMs)
      endToEndMs.push(delivery.deliveredAtMs - delivery.sentMs);
  }
  return {
    delivered: deliveredAtMs.length,
    missing,
    repeated,
    endToEndMs: Float64Array.from(endToEndMs),
    deliveredAtMs: Float64Array.from(deliveredAtMs).toSorted(),
  };
}
