import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupKey, MemoryRows } from '../testing/memory-rows.ts';
import { copiesIn, SampleLog, sampleDeliveryId, sampleEventId } from '../testing/sample-facts.ts';
import { anyTwoLogs, cut } from '../testing/sample-sequence.ts';
import type { Fact } from './fact.ts';
import { readFact } from './read-fact.ts';

const RETRY = { kind: 'retry', at: '2026-01-02T00:00:00.000Z' } as const;
const EXHAUSTED = { kind: 'dead_lettered', reason: 'attempts_exhausted' } as const;
const DELIVERED = { kind: 'delivered' } as const;

const acceptedIn = (): string => 'us';
const own = (log: SampleLog): Fact[] => log.messages.map(readFact);
const copied = (log: SampleLog, stream: string): Fact[] => copiesIn(stream, log.messages).map(readFact);

/** Takes from both lists, each in its order, as `picks` say. */
function interleaved<T>(left: readonly T[], right: readonly T[], picks: readonly boolean[]): T[] {
  const all: T[] = [];
  let [fromLeft, fromRight] = [0, 0];
  while (fromLeft < left.length || fromRight < right.length) {
    const isLeft = fromRight >= right.length || (fromLeft < left.length && picks[all.length % picks.length] === true);
    const next = isLeft ? left[fromLeft++] : right[fromRight++];
    if (next !== undefined) all.push(next);
  }
  return all;
}

function folded(facts: readonly Fact[], lengths: readonly number[] = [500]): MemoryRows {
  const rows = new MemoryRows();
  for (const batch of cut(facts, lengths)) rows.apply(batch);
  return rows;
}

const picks = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 });
const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

describe('the facts of two regions', () => {
  it('give the same rows and counters in both, in whatever order the copies arrive', () => {
    fc.assert(
      fc.property(anyTwoLogs, picks, picks, lengths, ([us, eu], inUs, inEu, batches) => {
        const there = folded(interleaved(own(us), copied(eu, 'PEERS_US'), inUs), batches);
        const here = folded(interleaved(copied(us, 'PEERS_EU'), own(eu), inEu));
        expect(here.comparable()).toEqual(there.comparable());
      }),
      { numRuns: 300 },
    );
  });

  it('change nothing when PEERS is read again from its beginning', () => {
    fc.assert(
      fc.property(anyTwoLogs, picks, fc.nat({ max: 40 }), lengths, ([us, eu], order, until, batches) => {
        const once = folded(interleaved(own(us), copied(eu, 'PEERS_US'), order));
        const copies = copied(eu, 'PEERS_US');
        const twice = folded(interleaved(own(us), [...copies.slice(0, until), ...copies], order), batches);
        expect(twice.comparable()).toEqual(once.comparable());
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, (us: SampleLog, eu: SampleLog) => void]>([
    [
      'attempts of one number',
      (us, eu) => {
        us.attempted(1, 'ep_a', 1, RETRY);
        eu.attempted(1, 'ep_a', 1, { ...RETRY, at: '2026-01-03T00:00:00.000Z' });
      },
    ],
    [
      'claims',
      (us, eu) => {
        us.claimed('eu', [sampleDeliveryId(1, 'ep_a')]);
        eu.claimed('us', [sampleDeliveryId(1, 'ep_a')]);
      },
    ],
  ])('give the same rows when they are of one millisecond: %s', (_name, write) => {
    const us = new SampleLog('us');
    const eu = new SampleLog('eu', { acceptedIn });
    write(us, eu);
    const there = folded([...own(us), ...copied(eu, 'PEERS_US')]);
    const here = folded([...own(eu), ...copied(us, 'PEERS_EU')]);
    expect(here.comparable()).toEqual(there.comparable());
  });

  it('have counters that agree with the rows, by region too', () => {
    fc.assert(
      fc.property(anyTwoLogs, picks, lengths, ([us, eu], order, batches) => {
        const rows = folded(interleaved(own(us), copied(eu, 'PEERS_US'), order), batches);
        for (const region of ['us', 'eu']) {
          const inRegion = [...rows.deliveries.values()].filter((row) => row.region === region);
          expect(rows.totals.get(`region ${region} delivery total`) ?? 0).toBe(inRegion.length);
          for (const { state } of inRegion)
            expect(rows.totals.get(`region ${region} delivery ${state}`)).toBe(inRegion.filter((row) => row.state === state).length);
        }
        expect(rows.totals.get('all  delivery total') ?? 0).toBe(rows.deliveries.size);
        const dead = [...rows.deliveries.values(), ...rows.events.values()].filter(({ state }) => DEAD.has(state));
        const setAside = [...rows.deadLetters.values()].filter(({ kind, state }) => kind === 'event' && state === 'redriven');
        expect(new Set(rows.deadLetters.keys())).toEqual(new Set([...dead, ...setAside].map(({ id }) => id)));
        const groups = Map.groupBy(
          [...rows.deadLetters.values()].filter(({ state }) => state === 'open'),
          groupKey,
        );
        expect(new Map([...rows.groups].filter(([, open]) => open !== 0))).toEqual(
          new Map([...groups].map(([key, { length }]) => [key, length])),
        );
      }),
      { numRuns: 300 },
    );
  });
});

const DEAD: ReadonlySet<string> = new Set(['refused', 'dead_lettered', 'denied', 'superseded']);

/** What `us` and `eu` wrote, as `us` reads it. */
function regions(write: (us: SampleLog, eu: SampleLog) => void): MemoryRows {
  const us = new SampleLog('us');
  const eu = new SampleLog('eu', { acceptedIn });
  write(us, eu);
  return folded([...own(us), ...copied(eu, 'PEERS_US')]);
}
const deliveryIn = (rows: MemoryRows) => rows.deliveries.get(sampleDeliveryId(1, 'ep_a'));

describe('a delivery that two regions worked on', () => {
  it('keeps the attempts of both, also those with one number', () => {
    const rows = regions((us, eu) => {
      us.planned(1, ['ep_a']);
      us.attempted(1, 'ep_a', 1, RETRY);
      eu.attempted(1, 'ep_a', 1, RETRY);
    });
    expect([...rows.attempts.values()].map(({ region, number }) => [region, number])).toEqual([
      ['us', 1],
      ['eu', 1],
    ]);
    expect(deliveryIn(rows)).toMatchObject({ state: 'retrying', attempts: 1, region: 'us' });
  });

  it('is no dead letter when another region delivered it', () => {
    const rows = regions((us, eu) => {
      us.planned(1, ['ep_a']);
      us.attempted(1, 'ep_a', 1, EXHAUSTED);
      for (let n = 2; n < 9; n += 1) eu.beat();
      eu.attempted(1, 'ep_a', 2, DELIVERED);
    });
    expect(deliveryIn(rows)).toMatchObject({ state: 'delivered', region: 'eu', attempts: 2, end_reason: null });
    expect(rows.deadLetters.size).toBe(0);
    expect([rows.totals.get('region us delivery total') ?? 0, rows.totals.get('region eu delivery delivered')]).toEqual([0, 1]);
  });

  it('belongs to the region that ended it first when both delivered it', () => {
    const rows = regions((us, eu) => {
      us.planned(1, ['ep_a']);
      us.beat();
      us.attempted(1, 'ep_a', 1, DELIVERED);
      eu.attempted(1, 'ep_a', 1, DELIVERED);
    });
    expect(deliveryIn(rows)).toMatchObject({ state: 'delivered', region: 'eu' });
    expect(rows.attempts.size).toBe(2);
  });

  it('is counted once when both planned it, and belongs to the region of the newer plan', () => {
    const rows = regions((us, eu) => {
      us.planned(1, ['ep_a']);
      us.planned(1, ['ep_b']);
      eu.beat();
      eu.planned(1, ['ep_a']);
    });
    expect(rows.events.get(sampleEventId(1))).toMatchObject({ state: 'planned', delivery_count: 2 });
    expect(deliveryIn(rows)).toMatchObject({ state: 'planned', region: 'eu' });
  });

  it('shows the newest claim, also when it arrives before the delivery', () => {
    const rows = regions((us, eu) => {
      eu.claimed('us', [sampleDeliveryId(1, 'ep_a')]);
      us.planned(1, ['ep_a']);
    });
    expect([...rows.claims.values()]).toMatchObject([
      { delivery_id: sampleDeliveryId(1, 'ep_a'), taken_from: 'us', taken_by: 'eu', epoch: 2 },
    ]);
  });
});

describe('an event of another region', () => {
  it('keeps where its payload lies here, and where it was written first', () => {
    const us = new SampleLog('us');
    us.beat();
    us.accepted(1);
    const rows = folded(copied(us, 'PEERS_EU'));
    expect(rows.events.get(sampleEventId(1))).toMatchObject({ region: 'us', stream: 'PEERS_EU', accepted_seq: 2, origin_seq: 2 });
  });

  it('is looked for at its new place when PEERS was made anew', () => {
    const us = new SampleLog('us');
    us.beat();
    us.accepted(1);
    const anew = copiesIn('PEERS_EU', us.messages.slice(1)).map(readFact);
    const rows = folded([...copied(us, 'PEERS_EU'), ...anew]);
    expect(rows.events.get(sampleEventId(1))).toMatchObject({ stream: 'PEERS_EU', accepted_seq: 1, origin_seq: 2 });
    expect(rows.totals.get('all  event total')).toBe(1);
  });

  it('shows each plan that was made of it', () => {
    const rows = regions((us, eu) => {
      us.planned(1, ['ep_a'], 'acme', 'us');
      eu.planned(1, ['ep_b', 'ep_c'], 'acme', 'eu');
    });
    expect(JSON.parse(rows.events.get(sampleEventId(1))?.plans ?? '')).toMatchObject([
      { region: 'eu', by: 'eu', deliveries: 2 },
      { region: 'us', by: 'us', deliveries: 1 },
    ]);
  });
});

describe('a change of a region', () => {
  it('gets its row, once; a beat gets none', () => {
    const rows = regions((us, eu) => {
      eu.changed('us', 'failed', 0);
      eu.beat();
      eu.claimed('us', [sampleDeliveryId(1, 'ep_a'), sampleDeliveryId(2, 'ep_a')]);
      eu.closed('us');
      us.spilled(true);
    });
    const changes = [...rows.regionChanges.values()].map(({ kind, region, origin_region, detail }) => [
      kind,
      region,
      origin_region,
      JSON.parse(detail),
    ]);
    expect(changes).toMatchObject([
      ['region.spilled', 'us', 'us', { spilling: true, because: 'queue_depth' }],
      ['region.changed', 'us', 'eu', { state: 'failed', share: 0, who: 'ann' }],
      ['takeover.claimed', 'us', 'eu', { by: 'eu', epoch: 2, deliveries: 2 }],
      ['takeover.closed', 'us', 'eu', { by: 'eu', role: 'dispatcher' }],
    ]);
  });
});
