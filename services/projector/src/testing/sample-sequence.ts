import type { Consequence } from '@waybill/contracts';
import fc from 'fast-check';
import { SampleLog } from './sample-facts.ts';

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
        void log.accepted(n),
  ),
  fc.tuple(eventNumber, fc.uniqueArray(endpoint)).map(
    ([n, endpoints]): Write =>
      (log) =>
        void log.planned(n, endpoints),
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

/** Any LOG at all, sensible or not: facts in any order, repeated, out of turn, unreadable. */
export const anyLog: fc.Arbitrary<SampleLog> = fc.array(write, { minLength: 1, maxLength: 40 }).map((writes) => {
  const log = new SampleLog();
  for (const append of writes) append(log);
  return log;
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
