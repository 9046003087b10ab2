import { describe, expect, it } from 'vitest';
import { MemoryRows } from '../testing/memory-rows.ts';
import { copiesIn, SampleLog, sampleDeliveryId, sampleEventId } from '../testing/sample-facts.ts';
import { readFact } from './read-fact.ts';

const API = 'github:acme/api/cd.yml';
const WEB = 'github:acme/web/cd.yml';
const STARTED = { kind: 'started', how: 'answered', runId: '501', url: 'https://run/501' } as const;
const FAILED = { kind: 'failed', reason: 'ref_not_found', detail: 'no branch main' } as const;

/** What `us` and `eu` wrote, in both orders of the two LOGs; both must give the same. */
function folded(write: (us: SampleLog, eu: SampleLog) => void): MemoryRows {
  const us = new SampleLog('us');
  const eu = new SampleLog('eu', { acceptedIn: () => 'us' });
  write(us, eu);
  const [rows, others] = [new MemoryRows(), new MemoryRows()];
  rows.apply([...us.messages, ...copiesIn('PEERS_US', eu.messages)].map(readFact));
  others.apply([...eu.messages, ...copiesIn('PEERS_EU', us.messages)].map(readFact));
  expect(others.comparable()).toEqual(rows.comparable());
  return rows;
}

const dispatchIn = (rows: MemoryRows) => rows.dispatches.get(sampleEventId(1));
const targetIn = (rows: MemoryRows, endpoint = API) => rows.targets.get(sampleDeliveryId(1, endpoint));
const dispatchTotals = (rows: MemoryRows) =>
  Object.fromEntries([...rows.totals].filter(([key, value]) => key.startsWith('all  dispatch') && value !== 0));

describe('a decision', () => {
  it('that skips the run is kept with its reason', () => {
    const rows = folded((us) => us.decided(1, []));
    expect(dispatchIn(rows)).toMatchObject({
      state: 'skipped',
      skip_reason: 'no_matching_outbound',
      skip_detail: 'no rule names ci.yml',
      repository: 'acme/web',
      owner: 'Acme',
      warnings: '["config_shadowed"]',
      target_count: 0,
    });
    expect(dispatchTotals(rows)).toEqual({ 'all  dispatch total': 1, 'all  dispatch skipped': 1 });
  });

  it('makes an ended delivery of each denied target, buried with its reason and detail, and counted', () => {
    const rows = folded((us) => us.decided(1, [], { denied: 2 }));
    expect(dispatchIn(rows)).toMatchObject({ state: 'denied', target_count: 2, allowed_count: 0, denied_count: 2 });
    const id = sampleDeliveryId(1, 'denied:0:github:acme/denied-0/cd.yml');
    const denied = { endpoint_id: 'github:acme/denied-0/cd.yml', event_type: 'github.workflow_run.completed' };
    expect(rows.deliveries.get(id)).toMatchObject({ ...denied, state: 'denied', end_reason: 'inbound_not_authorized', attempts: 0 });
    expect(rows.deadLetters.get(id)).toMatchObject({ ...denied, reason: 'inbound_not_authorized', detail: 'denied in us' });
    expect(rows.totals.get('all  delivery denied')).toBe(2);
    expect(rows.totals.get('endpoint github:acme/denied-0/cd.yml delivery denied')).toBe(1);
    expect(rows.targets.get(id)).toMatchObject({ verdict: 'denied', state: 'denied', detail: 'denied in us', rule: 'outbound[1]' });
  });

  it('is described by the earlier one when two regions decided, and keeps the targets of both', () => {
    const rows = folded((us, eu) => {
      us.beat();
      us.decided(1, [API, WEB]);
      eu.decided(1, [API], { denied: 1 });
    });
    expect(dispatchIn(rows)).toMatchObject({ region: 'eu', state: 'open', target_count: 3, allowed_count: 2, denied_count: 1 });
    expect(targetIn(rows)).toMatchObject({ decided_by: 'eu', ordinal: 0 });
    expect(targetIn(rows, WEB)).toMatchObject({ decided_by: 'us', ordinal: 1 });
    expect(rows.totals.get('region us dispatch total') ?? 0).toBe(0);
    expect(rows.totals.get('region eu dispatch open')).toBe(1);
  });
});

describe('a target', () => {
  it.each<[string, (log: SampleLog) => void, object]>([
    ['planned', () => undefined, { state: 'planned' }],
    ['intended', (log) => log.intended(1, API), { state: 'intended' }],
    ['released', (log) => log.settled(1, API, { kind: 'released', detail: 'refused' }), { state: 'released', detail: 'refused' }],
    ['unknown', (log) => log.settled(1, API, { kind: 'unknown', detail: 'timed out' }), { state: 'unknown', detail: 'timed out' }],
  ])('that is %s leaves the dispatch open', (_name, write, target) => {
    const rows = folded((us, eu) => {
      us.decided(1, [API]);
      for (let n = 0; n < 3; n += 1) eu.beat();
      write(eu);
    });
    expect(targetIn(rows)).toMatchObject(target);
    expect(dispatchIn(rows)).toMatchObject({ state: 'open', unknown_count: _name === 'unknown' ? 1 : 0 });
  });

  it('that was given up is open until its delivery says so, and then failed', () => {
    const givenUp = (us: SampleLog): void => {
      us.decided(1, [API]);
      us.intended(1, API);
      us.settled(1, API, { kind: 'released', detail: 'refused', givenUp: true });
    };
    expect(dispatchIn(folded(givenUp))).toMatchObject({ state: 'open' });
    const rows = folded((us) => {
      givenUp(us);
      us.attempted(1, API, 1, { kind: 'dead_lettered', reason: 'attempts_exhausted' });
    });
    expect(targetIn(rows)).toMatchObject({ state: 'failed', reason: 'attempts_exhausted' });
    expect(dispatchIn(rows)).toMatchObject({ state: 'failed', failed_count: 1 });
  });

  it('keeps the run that was started, whatever is read after it, and how that ended', () => {
    const rows = folded((us, eu) => {
      us.decided(1, [API]);
      eu.settled(1, API, STARTED);
      eu.runEnded(1, API, { runId: '501' });
      us.intended(1, API);
      us.settled(1, API, { kind: 'unknown', detail: 'timed out' });
      us.settled(1, API, FAILED);
      us.attempted(1, API, 1, { kind: 'delivered' });
    });
    expect(targetIn(rows)).toMatchObject({
      state: 'started',
      state_by: 'eu',
      run_id: '501',
      how: 'answered',
      reason: null,
      ended_conclusion: 'failure',
      ended_attempt: 1,
    });
    expect(dispatchIn(rows)).toMatchObject({ state: 'done', started_count: 1, failed_count: 0, ended_count: 1 });
    expect(dispatchTotals(rows)).toEqual({ 'all  dispatch total': 1, 'all  dispatch done': 1 });
  });

  it('tells of a re-run of the run that was started', () => {
    const rows = folded((us, eu) => {
      us.runEnded(1, API, { runId: '501', attempt: 2 });
      eu.decided(1, [API]);
      eu.settled(1, API, STARTED);
      eu.runEnded(1, API, { runId: '501' });
    });
    expect(targetIn(rows)).toMatchObject({ ended_attempt: 2, state: 'started' });
  });

  it('that failed makes the dispatch failed once nothing is open, beside what was denied and started', () => {
    const rows = folded((us) => {
      us.decided(1, [API, WEB], { denied: 1 });
      us.settled(1, API, FAILED);
      us.settled(1, WEB, STARTED);
    });
    expect(targetIn(rows)).toMatchObject({ state: 'failed', reason: 'ref_not_found', detail: 'no branch main' });
    expect(dispatchIn(rows)).toMatchObject({ state: 'failed', started_count: 1, failed_count: 1, denied_count: 1 });
  });

  it('keeps the first of two failures, and the newest word while the call is under way', () => {
    const rows = folded((us, eu) => {
      us.decided(1, [API, WEB]);
      us.settled(1, API, FAILED);
      us.settled(1, WEB, { kind: 'unknown', detail: 'timed out' });
      for (let n = 0; n < 4; n += 1) eu.beat();
      eu.settled(1, API, { kind: 'denied', reason: 'target_disabled', detail: 'enabled: false' });
      eu.settled(1, WEB, { kind: 'released', detail: 'refused' });
    });
    expect(targetIn(rows)).toMatchObject({ state: 'failed', state_by: 'us', reason: 'ref_not_found' });
    expect(targetIn(rows, WEB)).toMatchObject({ state: 'released', state_by: 'eu', detail: 'refused' });
  });

  it('ends with its delivery when the dispatcher gave up without a word on the call', () => {
    const rows = folded((us) => {
      us.decided(1, [API, WEB]);
      us.deliveryRefused(1, API);
      us.attempted(1, WEB, 1, { kind: 'retry', at: '2026-01-02T00:00:00.000Z' });
      us.attempted(1, WEB, 2, { kind: 'dead_lettered', reason: 'github_unavailable' });
    });
    expect(targetIn(rows)).toMatchObject({ state: 'failed', reason: 'endpoint_deleted' });
    expect(targetIn(rows, WEB)).toMatchObject({ state: 'failed', reason: 'github_unavailable', detail: 'answered 500' });
    expect(dispatchIn(rows)).toMatchObject({ state: 'failed', failed_count: 2 });
  });

  it('that the decision does not name yet is named by its endpoint', () => {
    const rows = folded((us) => us.settled(1, API, FAILED));
    expect(targetIn(rows)).toMatchObject({ owner: 'acme', repo: 'api', workflow: 'cd.yml', ordinal: null, verdict: null });
    expect(dispatchIn(rows)).toBeUndefined();
  });
});

describe('reports and sweeps', () => {
  it('keeps the newest report, and ids that a later one does not name', () => {
    const rows = folded((us, eu) => {
      us.reported(1, { checkRunId: '9', issueNumber: 4 });
      for (let n = 0; n < 4; n += 1) eu.beat();
      eu.reported(1, { failed: 'no permission' });
    });
    expect([...rows.reports.values()]).toMatchObject([{ region: 'eu', failed: 'no permission', check_run_id: '9', issue_number: 4 }]);
  });

  it('keeps the newest sweep of each region', () => {
    const rows = folded((us, eu) => {
      us.swept(90.4);
      us.swept(0);
      eu.swept(12);
    });
    expect([...rows.sweeps.values()].map(({ region, gap_seconds: gap, redelivered }) => [region, gap, redelivered])).toEqual([
      ['us', 0, 0],
      ['eu', 12, 1],
    ]);
  });
});
