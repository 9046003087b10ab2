import { beforeEach, describe, expect, it, vi } from 'vitest';
import { finishedRun } from '../../testing/finished-run.ts';
import { PlannerInMemory, toPlan } from '../../testing/planner-in-memory.ts';
import { regionRecord } from '../../testing/region-record.ts';
import { githubAway, RunsInMemory } from '../../testing/runs-in-memory.ts';
import type { AcceptedEvent } from '../append-plans.ts';
import { PlannedEvents } from '../planned-events.ts';
import { openRuns } from '../runs/open-runs.ts';
import { Takeover } from './takeover.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RUNS = /^wb\.(us\.g\.run\.completed|[^.]+\.g\.event\.refused)/;
const OF_US = /^wb\.(us\.g\.(event\.accepted|run\.completed)|[^.]+\.g\.(plan\.made\.|event\.refused))/;

describe('planning the finished runs of a failed region', () => {
  let nowMs: number;
  let us: RunsInMemory;
  let eu: RunsInMemory;
  let takeover: Takeover;

  const open = (): Takeover => {
    const { log, peers, schema, subscriptions, routing, appender, records } = eu.planner;
    return new Takeover({
      self: 'eu',
      of: 'us',
      schema,
      subscriptions,
      routing,
      appender,
      runs: eu.runs,
      openRuns: openRuns({ runs: peers.events('us', RUNS), index: eu.index, facts: eu }),
      nowMs: () => nowMs,
      peers: peers.events('us', OF_US),
      own: log.events('us', /\.(plan\.made\.|event\.refused)/),
      isFailed: () => records.get('us')?.state === 'failed',
      onUnplannable: (_, error) => {
        throw error;
      },
    });
  };
  const later = (ms: number): void => {
    nowMs += ms;
    for (const runs of [us, eu]) runs.nowMs += ms;
  };
  const replicate = (): void => eu.planner.peers.copy(us.planner.log, eu.planner.peers.messages.length + 1);
  const recover = (): unknown => eu.planner.records.set('us', regionRecord('us', 'recovering'));
  /** What was met last is planned after what is being planned. */
  const passes = async (): Promise<void> => {
    for (let pass = 0; pass < 2; pass += 1) {
      await takeover.pass();
      await takeover.settled();
    }
  };
  const planHere = (event: AcceptedEvent): Promise<void> => us.planner.appender.appendMissing(toPlan(event), new PlannedEvents(10));

  beforeEach(() => {
    nowMs = Date.parse('2026-01-01T00:00:00Z');
    us = new RunsInMemory(new PlannerInMemory('us', { nowMs: () => nowMs }));
    eu = new RunsInMemory(new PlannerInMemory('eu', { nowMs: () => nowMs }));
    eu.planner.records.set('us', regionRecord('us', 'failed'));
    for (const runs of [us, eu]) runs.planner.tenant('gh-acme', { home: 'ap' });
    takeover = open();
  });

  it('decides what was not decided, once, and tells how many', async () => {
    us.accept('evt_1', finishedRun('100'));
    replicate();
    later(MINUTE_MS);
    await takeover.pass();
    await takeover.settled();
    expect(await takeover.pass()).toBe(1);
    expect(await takeover.pass()).toBe(0);
    expect([eu.decided().length, eu.calls()]).toEqual([1, [['ap', 'acme/my-target-repo/cd.yml']]]);
  });

  it('makes the plan from what the failed region had decided, whatever the file says now', async () => {
    us.planner.log.willBe('stored', 'lost');
    await expect(us.plan(us.accept('evt_1', finishedRun('100')))).rejects.toThrow('no ack');
    replicate();
    eu.targets = ['acme/other-target/cd.yml'];
    later(MINUTE_MS);
    await takeover.pass();
    await takeover.settled();
    expect([eu.decided(), eu.decisions, eu.calls()]).toEqual([[], 0, [['ap', 'acme/my-target-repo/cd.yml']]]);
  });

  it('lets other events pass while GitHub thinks, and does not wait long to give the region back', async () => {
    us.accept('evt_1', finishedRun('100'));
    us.planner.accept('evt_2');
    replicate();
    later(MINUTE_MS);
    const answer = Promise.withResolvers<void>();
    eu.before = () => answer.promise;
    expect(await takeover.pass()).toBe(1);
    await vi.waitFor(() => expect(eu.decisions).toBe(1));
    recover();
    const settled = takeover.settled();
    answer.resolve();
    await settled;
    expect([eu.decided(), eu.planner.plans().map(([eventId]) => eventId)]).toEqual([[], ['evt_2']]);
  });

  it('finds one that has waited for hours, behind much that was planned, and nothing that was planned', async () => {
    const waited = us.accept('evt_1', finishedRun('100'));
    await us.plan(us.accept('evt_2', finishedRun('101')));
    replicate();
    later(3 * HOUR_MS);
    for (const eventId of ['evt_3', 'evt_4']) await planHere(us.planner.accept(eventId));
    await us.plan(us.accept('evt_5', finishedRun('102')));
    replicate();
    later(MINUTE_MS);
    await passes();
    expect(eu.decided().map(({ eventId }) => eventId)).toEqual(['evt_1']);
    expect(eu.planner.log.plans()).toMatchObject([{ acceptedSeq: waited.seq, event: { region: 'us' } }]);
  });

  it('finds one that was decided at last, hours after it came in, and not planned', async () => {
    const waited = us.accept('evt_1', finishedRun('100'));
    replicate();
    later(3 * HOUR_MS);
    await planHere(us.planner.accept('evt_2'));
    us.planner.log.willBe('stored', 'lost');
    await expect(us.plan(waited)).rejects.toThrow('no ack');
    replicate();
    later(MINUTE_MS);
    await passes();
    expect([eu.decided(), eu.calls().length]).toEqual([[], 1]);
  });

  it('tries those that wait for GitHub again when they are due, not in each pass', async () => {
    us.accept('evt_1', finishedRun('100'));
    replicate();
    later(MINUTE_MS);
    eu.github = githubAway();
    for (let pass = 0; pass < 3; pass += 1) {
      await takeover.pass();
      await takeover.settled();
    }
    expect(eu.decisions).toBe(1);
    eu.github = 'up';
    later(1_000);
    await takeover.pass();
    await takeover.settled();
    expect([eu.decisions, eu.calls().length]).toEqual([2, 1]);
  });
});
