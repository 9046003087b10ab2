import type { Consequence, DispatchSettled } from '@waybill/contracts';
import fc from 'fast-check';
import { sampleDeliveryId, sampleEventId, SampleLog } from './sample-facts.ts';

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
    (log) => log.measured([3, 60]),
    (log) => log.measured([], 2),
  ),
);

const target = fc.constantFrom('github:acme/api/cd.yml', 'github:acme/web/cd.yml');
const run = fc.constantFrom('501', '502');
const outcome: fc.Arbitrary<DispatchSettled['outcome']> = fc.oneof(
  fc.constantFrom<DispatchSettled['outcome']>(
    { kind: 'started', how: 'answered' },
    { kind: 'unknown', detail: 'no answer' },
    { kind: 'released', detail: 'refused' },
    { kind: 'released', detail: 'refused', givenUp: true },
    { kind: 'failed', reason: 'ref_not_found', detail: 'no such branch' },
    { kind: 'denied', reason: 'target_disabled', detail: 'enabled: false' },
  ),
  run.map((runId): DispatchSettled['outcome'] => ({ kind: 'started', how: 'found', runId, url: `https://run/${runId}` })),
);

const aboutDispatches: fc.Arbitrary<Write> = fc.oneof(
  fc.tuple(eventNumber, fc.uniqueArray(target), fc.nat({ max: 2 })).map(
    ([n, allowed, denied]): Write =>
      (log) =>
        log.decided(n, allowed, { denied }),
  ),
  fc.tuple(eventNumber, target).map(
    ([n, endpointId]): Write =>
      (log) =>
        log.intended(n, endpointId),
  ),
  fc.tuple(eventNumber, target, outcome).map(
    ([n, endpointId, is]): Write =>
      (log) =>
        log.settled(n, endpointId, is),
  ),
  fc.tuple(eventNumber, target, next).map(
    ([n, endpointId, then]): Write =>
      (log) =>
        log.attempted(n, endpointId, 1, then),
  ),
  fc.tuple(eventNumber, target, run, fc.integer({ min: 1, max: 2 })).map(
    ([n, endpointId, runId, attempt]): Write =>
      (log) =>
        log.runEnded(n, endpointId, { runId, attempt }),
  ),
  fc.tuple(eventNumber, fc.constantFrom({ checkRunId: '1' }, { issueNumber: 2, checkRunId: '3' }, { failed: 'no permission' })).map(
    ([n, said]): Write =>
      (log) =>
        log.reported(n, said),
  ),
  fc.constantFrom<Write>(
    (log) => log.swept(0),
    (log) => log.swept(90.4),
  ),
);

const job = fc.integer({ min: 0, max: 1 });
const aboutDeadLetters: fc.Arbitrary<Write> = fc.oneof(
  fc.tuple(eventNumber, fc.uniqueArray(endpoint, { minLength: 1 }), job).map(
    ([n, endpoints, by]): Write =>
      (log) =>
        void log.replayed(n, endpoints, { job: by, replayOf: (ep) => sampleDeliveryId(n, ep) }),
  ),
  fc.tuple(eventNumber, fc.uniqueArray(endpoint), job).map(
    ([n, endpoints, by]): Write =>
      (log) =>
        void log.replayed(n, endpoints, { job: by }),
  ),
  fc.tuple(eventNumber, endpoint).map(
    ([n, ep]): Write =>
      (log) =>
        log.discarded([sampleEventId(n), sampleDeliveryId(n, ep)]),
  ),
  fc.tuple(eventNumber, endpoint).map(
    ([n, ep]): Write =>
      (log) =>
        log.instructed(n, ep, 'retry'),
  ),
  fc.constantFrom<Write>((log) => log.acted('PUT /v1/tenants/:tenantId')),
);

const weighted = fc.oneof(
  { weight: 6, arbitrary: write },
  { weight: 3, arbitrary: aboutDispatches },
  { weight: 3, arbitrary: aboutDeadLetters },
  { weight: 1, arbitrary: aboutRegions },
);
const writes = fc.array(weighted, { minLength: 1, maxLength: 40 });

function written(log: SampleLog, all: readonly Write[]): SampleLog {
  for (const append of all) append(log);
  return log;
}

/** Any LOG at all, sensible or not: facts in any order, repeated, out of turn, unreadable. */
export const anyLog: fc.Arbitrary<SampleLog> = writes.map((all) => written(new SampleLog(), all));

/** The LOGs of two regions, `us` and `eu`, that plan, try, refuse and take over the same deliveries. Each event is accepted in one of them. They last some milliseconds, minutes or days. */
export const anyTwoLogs: fc.Arbitrary<readonly [SampleLog, SampleLog]> = fc
  .tuple(writes, writes, fc.constantFrom(1, 25_000, 7_000_000))
  .map(([us, eu, apartMs]) => {
    const options = { acceptedIn: (n: number): string => (n % 2 === 0 ? 'us' : 'eu'), apartMs };
    return [written(new SampleLog('us', options), us), written(new SampleLog('eu', options), eu)] as const;
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
