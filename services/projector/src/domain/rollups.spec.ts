import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryRows } from '../testing/memory-rows.ts';
import { copiesIn, SampleLog, sampleDeliveryId, sampleEventId } from '../testing/sample-facts.ts';
import { anyTwoLogs, cut } from '../testing/sample-sequence.ts';
import { NOTHING_BEFORE } from './live/nothing-before.ts';
import type { Fact } from './fact.ts';
import { foldMeasured } from './fold-intake.ts';
import { readFact } from './read-fact.ts';
import { isEmptyRollup, measured, mergedRollup } from './rollup-merge.ts';
import { GRAIN_MS, type RollupRow, rollupId } from './rollup-rows.ts';
import { rollupsOf } from './rollups.ts';
import { schemaCountsOf } from './schema-counts.ts';
import { WorkingSet } from './working-set.ts';

const DAY = Date.UTC(2026, 0, 1);
const DAY_MS = GRAIN_MS.day;
const RETRY = { kind: 'retry', at: '2026-01-02T00:00:00.000Z' } as const;
const EXHAUSTED = { kind: 'dead_lettered', reason: 'attempts_exhausted' } as const;
const DELIVERED = { kind: 'delivered' } as const;

function folded(facts: readonly Fact[], lengths: readonly number[] = [500]): MemoryRows {
  const rows = new MemoryRows();
  for (const batch of cut(facts, lengths)) rows.apply(batch);
  return rows;
}

const factsOf = (...logs: readonly SampleLog[]): Fact[] => logs.flatMap(({ messages }) => messages.map(readFact));
const logOf = (write: (log: SampleLog) => void, region?: string): SampleLog => {
  const log = new SampleLog(region);
  write(log);
  return log;
};

/** What is counted when nothing but the rows as they ended up is looked at. */
function fromRows(memory: MemoryRows, facts: readonly Fact[]): WorkingSet {
  const set = new WorkingSet(NOTHING_BEFORE);
  for (const row of memory.events.values()) set.setEvent(row);
  for (const row of memory.deliveries.values()) set.setDelivery(row);
  for (const row of memory.attempts.values()) set.addAttempt(row);
  for (const fact of facts) if (fact.kind === 'intake.measured') foldMeasured(set, fact);
  return set;
}

const filled = (rows: Iterable<RollupRow>): RollupRow[] =>
  [...rows].filter((row) => !isEmptyRollup(row)).toSorted((left, right) => (left.id < right.id ? -1 : 1));
const ofEverything = (memory: MemoryRows, grain: 'minute' | 'hour' | 'day' = 'day'): RollupRow | undefined =>
  memory.rollups.get(rollupId('all', '', grain, DAY));

describe('rollups and schema counts', () => {
  it('are those of the rows, whatever became of these on the way, in any batches', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyTwoLogs, lengths, ([us, eu], sizes) => {
        const facts = [...factsOf(us), ...copiesIn('PEERS_US', eu.messages).map(readFact)];
        const memory = folded(facts, sizes);
        const set = fromRows(memory, facts);
        expect(filled(memory.rollups.values())).toEqual(
          filled(rollupsOf(NOTHING_BEFORE, set).map((change) => mergedRollup(undefined, change))),
        );
        const counts = new Map(
          schemaCountsOf(NOTHING_BEFORE, set).map((row) => [[row.day, row.event_type, row.version, row.verdict].join(' '), row]),
        );
        expect(new Map([...memory.schemaCounts].filter(([, { value }]) => value !== 0))).toEqual(counts);
      }),
      { numRuns: 300 },
    );
  });

  it('never fall below nothing after an upgrade, which counts none of the rows that were there', () => {
    fc.assert(
      fc.property(anyTwoLogs, fc.nat({ max: 60 }), ([us, eu], upgradedAt) => {
        const facts = [...factsOf(us), ...copiesIn('PEERS_US', eu.messages).map(readFact)];
        const memory = folded(facts.slice(0, upgradedAt));
        memory.rollups.clear();
        memory.schemaCounts.clear();
        for (const row of memory.events.values()) memory.events.set(row.id, { ...row, version: null, min_compatible: null });
        for (const batch of cut(facts.slice(upgradedAt), [3])) memory.apply(batch);
        const numbers = [...memory.rollups.values()].flatMap((row) => Object.values(row)).filter((value) => typeof value === 'number');
        expect([...numbers, ...[...memory.schemaCounts.values()].map(({ value }) => value)].filter((value) => value < 0)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('count what happened, by everything, region, tenant and endpoint', () => {
    const memory = folded(
      factsOf(
        logOf((log) => {
          log.accepted(1);
          log.planned(1, ['ep_a', 'ep_b']);
          log.attempted(1, 'ep_a', 1, RETRY);
          log.attempted(1, 'ep_a', 2, DELIVERED);
          log.attempted(1, 'ep_b', 1, EXHAUSTED);
        }),
      ),
      [1],
    );
    const all = { events: 1, deliveries: 2, delivered: 1, dead_lettered: 1, denied: 0, attempts: 3, failed_attempts: 2, refused: 0 };
    for (const grain of ['minute', 'hour', 'day'] as const) {
      expect(ofEverything(memory, grain)).toMatchObject({ ...all, attempt_count: 3, processing_count: 2, ack_counts: null });
      expect(memory.rollups.get(rollupId('region', 'local', grain, DAY))).toMatchObject(all);
    }
    expect(memory.rollups.get(rollupId('endpoint', 'ep_a', 'hour', DAY))).toMatchObject({ events: 0, deliveries: 1, attempts: 2 });
    expect(memory.rollups.get(rollupId('tenant', 'acme', 'day', DAY))).toMatchObject(all);
    expect(memory.rollups.has(rollupId('tenant', 'acme', 'minute', DAY))).toBe(false);
    // Each took 12 ms, which lies between the edges 10 and 20.
    expect(ofEverything(memory)).toMatchObject({ attempt_p50_us: 15_000, attempt_p95_us: 19_500, attempt_p99_us: 19_900 });
  });

  it('keep what a redrive superseded in the numbers of its time, and measure no delivery of a job as processing', () => {
    const memory = folded(
      factsOf(
        logOf((log) => {
          log.accepted(1);
          log.planned(1, ['ep_a']);
          log.attempted(1, 'ep_a', 1, EXHAUSTED);
          log.replayed(1, ['ep_a'], { job: 0, replayOf: () => sampleDeliveryId(1, 'ep_a') });
        }),
      ),
      [3],
    );
    expect(memory.deliveries.get(sampleDeliveryId(1, 'ep_a'))).toMatchObject({ state: 'superseded' });
    expect(ofEverything(memory)).toMatchObject({ deliveries: 2, dead_lettered: 1, processing_count: 1 });
    expect(memory.totals.get('all  dead_letter open')).toBe(0);
    expect(memory.totals.get('region local dead_letter redriven')).toBe(1);
  });

  it('take a first attempt out of processing when its plan turns out to be that of a job', () => {
    const tried = logOf((log) => log.attempted(1, 'ep_a', 1, DELIVERED), 'eu');
    const planned = logOf((log) => void log.replayed(1, ['ep_a'], { job: 0 }), 'us');
    const memory = folded(factsOf(tried));
    expect(ofEverything(memory)).toMatchObject({ processing_count: 1, attempts: 1 });
    memory.apply(factsOf(planned));
    expect(ofEverything(memory)).toMatchObject({ processing_count: 0, processing_counts: null, processing_p95_us: null, attempts: 1 });
  });

  it('count what an ingress measured once, also when PEERS is read again, and after its LOG was made anew', () => {
    const eu = logOf((log) => {
      log.measured([3, 60]);
      log.measured([], 2);
    }, 'eu');
    const copies = copiesIn('PEERS_US', eu.messages).map(readFact);
    const memory = folded([...copies, ...copies], [1]);
    expect(ofEverything(memory)).toMatchObject({ ack_count: 2, refused: 2, ack_p50_us: 5_000 });
    expect(memory.rollups.get(rollupId('region', 'eu', 'minute', DAY))).toMatchObject({ ack_count: 2 });
    const anew = new SampleLog('eu', { apartMs: 1_000 });
    anew.measured([1]);
    memory.apply(factsOf(anew));
    expect(ofEverything(memory)).toMatchObject({ ack_count: 3 });
  });

  it('let go of what was counted between other edges, instead of mixing both', () => {
    const [edges, change] = [
      [1, 2.5],
      [0, 2, 0],
    ];
    const alone = measured(edges, null, change);
    expect(alone).toMatchObject({ counts: '[0,2,0]', count: 2, p50: 1_750 });
    for (const other of ['[9]', '[0,7]', '[0,7,0,0]', '[]']) expect(measured(edges, other, change), other).toEqual(alone);
    expect(measured(edges, '[1,0,3]', change)).toMatchObject({ counts: '[1,2,3]', count: 6 });
    expect(measured(edges, '[0,2,0]', [0, -3, 0])).toEqual({ counts: null, count: 0, p50: null, p95: null, p99: null });
  });

  it('count what happens in the last millisecond of a day in that day, and an attempt before its event as taking no time', () => {
    const log = new SampleLog('local', { apartMs: DAY_MS - 1 });
    log.attempted(DAY_MS + 500, 'ep_a', 1, DELIVERED);
    log.attempted(DAY_MS + 500, 'ep_a', 2, DELIVERED);
    log.accepted(DAY_MS - 1);
    const memory = folded(factsOf(log), [1]);
    const dayOf = (n: number) => memory.rollups.get(rollupId('all', '', 'day', DAY + n * DAY_MS));
    expect(dayOf(0)).toMatchObject({ events: 1, attempts: 1, delivered: 0, processing_count: 1, processing_p99_us: 990 });
    // It ended, 12 ms later, on the next day; a second end of the same delivery is none.
    expect(dayOf(1)).toMatchObject({ events: 0, attempts: 1, delivered: 1, processing_count: 0 });
  });

  it('tell versions by verdict, and what a later minCompatible would refuse', () => {
    const memory = folded(
      factsOf(
        logOf((log) => {
          log.accepted(1);
          log.refused(2, 'reader_too_old');
        }),
      ),
    );
    const value = (key: string): number | undefined => memory.schemaCounts.get(key)?.value;
    expect(value('0 order.paid 3 accepted')).toBe(1);
    expect(value(`${DAY}  3 accepted`)).toBe(1);
    expect(value('0  9 reader_too_old')).toBe(1);
    expect(value('0 order.paid 4 would_refuse')).toBe(1);
    expect(value('0 order.paid 3 would_refuse')).toBeUndefined();
    memory.apply(factsOf(logOf((log) => log.refused(1, 'drop_incompatible'))));
    expect(value('0 order.paid 3 accepted')).toBe(0);
    expect(value('0 order.paid 4 would_refuse')).toBe(0);
    expect(value('0 order.paid 3 drop_incompatible')).toBe(1);
    expect(memory.events.get(sampleEventId(1))).toMatchObject({ version: 3, min_compatible: 2 });
  });
});
