import { describe, expect, it } from 'vitest';
import { groupKey, MemoryRows } from '../testing/memory-rows.ts';
import { copiesIn, SampleLog, sampleDeliveryId, sampleEventId, sampleJobId, sampleReplayId } from '../testing/sample-facts.ts';
import { readFact } from './read-fact.ts';

const EXHAUSTED = { kind: 'dead_lettered', reason: 'attempts_exhausted' } as const;
const DELIVERED = { kind: 'delivered' } as const;
const DEAD = sampleDeliveryId(1, 'ep_a');
const INSTEAD = sampleReplayId(1, 1, 'ep_a');
const replayOf = (): string => DEAD;

const dies = (log: SampleLog): void => {
  log.accepted(1);
  log.planned(1, ['ep_a']);
  log.attempted(1, 'ep_a', 1, EXHAUSTED);
};
const redrives = (log: SampleLog): void => void log.replayed(1, ['ep_a'], { job: 1, replayOf });

function folded(...logs: readonly SampleLog[]): MemoryRows {
  const rows = new MemoryRows();
  for (const [index, log] of logs.entries())
    for (const message of index === 0 ? log.messages : copiesIn('PEERS_US', log.messages)) rows.apply([readFact(message)]);
  return rows;
}
function written(...writes: readonly ((log: SampleLog) => void)[]): MemoryRows {
  const log = new SampleLog();
  for (const write of writes) write(log);
  return folded(log);
}
const openOf = (rows: MemoryRows): number => [...rows.groups.values()].reduce((all, open) => all + open, 0);

describe('a dead letter', () => {
  it('is open, and counted in its group', () => {
    const rows = written(dies);
    expect(rows.deadLetters.get(DEAD)).toMatchObject({ state: 'open', resolved_at: null });
    const group = { scope: 'g', tenant_id: 'acme', endpoint_id: 'ep_a', reason: 'attempts_exhausted', region: 'local' } as const;
    expect([...rows.groups]).toEqual([[groupKey(group), 1]]);
  });

  it.each([
    ['before', [dies, redrives]],
    ['after', [redrives, dies]],
  ] as const)('that was one %s the plan of a job came is redriven, its delivery superseded, and counted no more', (_when, order) => {
    const rows = written(...order);
    expect(rows.deadLetters.get(DEAD)).toMatchObject({ state: 'redriven', job_id: sampleJobId(1), reason: 'attempts_exhausted' });
    expect(rows.deliveries.get(DEAD)).toMatchObject({ state: 'superseded', end_reason: 'attempts_exhausted', job_id: null });
    expect(rows.deliveries.get(INSTEAD)).toMatchObject({ state: 'planned', job_id: sampleJobId(1), replay_of: DEAD });
    expect(rows.events.get(sampleEventId(1))).toMatchObject({ state: 'planned', delivery_count: 2 });
    expect(openOf(rows)).toBe(0);
    expect([rows.totals.get('endpoint ep_a delivery superseded'), rows.totals.get('endpoint ep_a delivery total')]).toEqual([1, 2]);
    expect([...rows.totals].filter(([key]) => key.startsWith('job '))).toEqual([
      [`job ${sampleJobId(1)} delivery total`, 1],
      [`job ${sampleJobId(1)} delivery planned`, 1],
    ]);
  });

  it('is one again when what was made in its place dies too', () => {
    const log = new SampleLog();
    dies(log);
    redrives(log);
    const ended = log.messages.find(({ subject }) => subject.endsWith('delivery.attempted'));
    const again = Buffer.from(
      Buffer.from(ended?.body ?? '')
        .toString()
        .replace(DEAD, INSTEAD),
    );
    log.messages.push({ subject: ended?.subject ?? '', body: again, stream: log.stream, seq: 99, timestampMs: 1 });
    const rows = folded(log);
    expect(rows.deadLetters.get(INSTEAD)).toMatchObject({ state: 'open' });
    expect(rows.deadLetters.get(DEAD)).toMatchObject({ state: 'redriven' });
    expect(openOf(rows)).toBe(1);
  });

  it('is none when another region had delivered it, whatever was made in its place', () => {
    const us = new SampleLog('us');
    const eu = new SampleLog('eu', { acceptedIn: () => 'us' });
    dies(us);
    redrives(us);
    eu.attempted(1, 'ep_a', 2, DELIVERED);
    const rows = folded(us, eu);
    expect(rows.deliveries.get(DEAD)).toMatchObject({ state: 'delivered' });
    expect(rows.deadLetters.size).toBe(0);
    expect(openOf(rows)).toBe(0);
  });

  it.each([
    ['before', [(log: SampleLog) => log.discarded([DEAD], 'no use'), dies]],
    ['after', [dies, (log: SampleLog) => log.discarded([DEAD], 'no use')]],
  ] as const)('that was discarded %s its end was read says by whom and why', (_when, order) => {
    const rows = written(...order);
    expect(rows.deadLetters.get(DEAD)).toMatchObject({ state: 'discarded', actor: 'ann', resolved_reason: 'no use' });
    expect(rows.deliveries.get(DEAD)).toMatchObject({ state: 'dead_lettered' });
    expect(openOf(rows)).toBe(0);
  });

  it('that was redriven and discarded is redriven: something was sent', () => {
    const discards = (log: SampleLog): void => log.discarded([DEAD]);
    for (const order of [[dies, discards, redrives] as const, [dies, redrives, discards] as const, [discards, redrives, dies] as const])
      expect(written(...order).deadLetters.get(DEAD)).toMatchObject({ state: 'redriven', actor: null });
  });
});

describe('an event that was set aside', () => {
  const refused = (log: SampleLog): void => {
    log.accepted(1);
    log.refused(1);
  };
  const taken = (log: SampleLog): void => void log.replayed(1, ['ep_a'], { job: 1 });

  it.each([
    ['before', [refused, taken]],
    ['after', [taken, refused]],
  ] as const)('%s a job planned it is planned, and its dead letter redriven', (_when, order) => {
    const rows = written(...order);
    expect(rows.events.get(sampleEventId(1))).toMatchObject({ state: 'planned', delivery_count: 1, verdict: null });
    expect(rows.deadLetters.get(sampleEventId(1))).toMatchObject({ kind: 'event', state: 'redriven', job_id: sampleJobId(1) });
    expect(rows.deliveries.get(DEAD)).toMatchObject({ state: 'planned', job_id: sampleJobId(1), replay_of: null });
    expect(openOf(rows)).toBe(0);
  });

  it('is no dead letter any more when a planner planned it', () => {
    const planned = (log: SampleLog): void => void log.planned(1, ['ep_a']);
    for (const order of [[refused, taken, planned] as const, [taken, planned, refused] as const, [planned, refused, taken] as const]) {
      const rows = written(...order);
      expect(rows.deadLetters.size).toBe(0);
      expect(rows.deliveries.get(DEAD)).toMatchObject({ job_id: null });
    }
  });

  it('can be discarded', () => {
    const rows = written(refused, (log) => log.discarded([sampleEventId(1)]));
    expect(rows.deadLetters.get(sampleEventId(1))).toMatchObject({ state: 'discarded' });
    expect(rows.events.get(sampleEventId(1))).toMatchObject({ state: 'refused' });
  });
});

describe('what operators did', () => {
  it('is kept with who and why', () => {
    const rows = written((log) => {
      log.instructed(1, 'ep_a', 'skip');
      log.acted('PUT /v1/tenants/:tenantId');
    });
    expect([...rows.instructions.values()]).toMatchObject([{ delivery_id: DEAD, instruction: 'skip', actor: 'ann', reason: 'asked for' }]);
    expect([...rows.actions.values()]).toMatchObject([
      { action: 'PUT /v1/tenants/:tenantId', about: '{"tenantId":"acme"}', status: 200, request_id: 'r1' },
    ]);
  });
});
