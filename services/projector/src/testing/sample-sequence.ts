import type { Consequence } from '@waybill/contracts';
import fc from 'fast-check';
import { sampleDeliveryId, SampleLog } from './sample-facts.ts';

type Write = (log: SampleLog) => void;

const eventNumber = fc.integer({ min: 0, max: 3 });
const endpoint = fc.constantFrom('ep_a', 'ep_b', 'ep_c');
const next: fc.Arbitrary<Consequence> = fc.constantFrom<Consequence>(
  { kind: 'delivered' },
  { kind: 'retry', at: '2026-01-02T00:00:00.000Z' },
  { kind: 'dead_lettered', reason: 'attempts_exhausted' },
  { kind: 'denied', reason: 'egress_denied' },
);

const write: fc.Arbitrary<Write> = fc.oneof(
  eventNumber.map(
    (n): Write =>
      (log) =>
        void (log.accepts(n) && log.accepted(n)),
  ),
  fc.tuple(eventNumber, fc.uniqueArray(endpoint), fc.constantFrom('us', 'eu', undefined)).map(
    ([n, endpoints, deliverIn]): Write =>
      (log) =>
        void log.planned(n, endpoints, 'acme', deliverIn),
  ),
  eventNumber.map(
    (n): Write =>
      (log) =>
        log.refused(n),
  ),
  fc.tuple(eventNumber, endpoint, fc.integer({ min: 1, max: 4 }), next).map(
    ([n, ep, attempt, then]): Write =>
      (log) =>
        log.attempted(n, ep, attempt, then),
  ),
  fc.tuple(eventNumber, endpoint).map(
    ([n, ep]): Write =>
      (log) =>
        log.deliveryRefused(n, ep),
  ),
  fc.nat({ max: 30 }).map(
    (index): Write =>
      (log) =>
        log.repeat(index),
  ),
  fc.constant<Write>((log) => log.poison()),
);

const aboutRegions: fc.Arbitrary<Write> = fc.oneof(
  fc.tuple(fc.uniqueArray(eventNumber), endpoint).map(
    ([ns, ep]): Write =>
      (log) =>
        log.claimed(
          'us',
          ns.map((n) => sampleDeliveryId(n, ep)),
        ),
  ),
  fc.constantFrom<Write>(
    (log) => log.changed('us', 'failed', 0),
    (log) => log.closed('us'),
    (log) => log.spilled(true),
    (log) => log.beat(),
  ),
);

const writes = fc.array(fc.oneof({ weight: 6, arbitrary: write }, { weight: 1, arbitrary: aboutRegions }), { minLength: 1, maxLength: 40 });

function written(log: SampleLog, all: readonly Write[]): SampleLog {
  for (const append of all) append(log);
  return log;
}

/** Any LOG at all, sensible or not: facts in any order, repeated, out of turn, unreadable. */
export const anyLog: fc.Arbitrary<SampleLog> = writes.map((all) => written(new SampleLog(), all));

/** The LOGs of two regions, `us` and `eu`, that plan, try, refuse and take over the same deliveries. Each event is accepted in one of them. */
export const anyTwoLogs: fc.Arbitrary<readonly [SampleLog, SampleLog]> = fc.tuple(writes, writes).map(([us, eu]) => {
  const acceptedIn = (n: number): string => (n % 2 === 0 ? 'us' : 'eu');
  return [written(new SampleLog('us', { acceptedIn }), us), written(new SampleLog('eu', { acceptedIn }), eu)] as const;
});

/** Cuts a list into pieces that keep its order; `lengths` are used again and again. */
export function cut<T>(items: readonly T[], lengths: readonly number[]): T[][] {
  const pieces: T[][] = [];
  for (let at = 0; at < items.length;) {
    const length = lengths[pieces.length % lengths.length] ?? 1;
    pieces.push(items.slice(at, at + length));
    at += length;
  }
  return pieces;
}
