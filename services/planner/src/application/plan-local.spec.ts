import { WaybillError } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { finishedRun } from '../testing/finished-run.ts';
import { PlannerInMemory } from '../testing/planner-in-memory.ts';
import { RunsInMemory } from '../testing/runs-in-memory.ts';
import type { FoundEvent } from './event-log.ts';
import { LocalPlanning } from './plan-local.ts';
import { PlannedEvents } from './planned-events.ts';

describe("the strict tenants' events while all others are held", () => {
  let planner: PlannerInMemory;
  let planned: PlannedEvents;
  let seen: number[];
  let outcome: (seq: number) => boolean;
  let unplannable: number[];
  let local: LocalPlanning;

  beforeEach(() => {
    planner = new PlannerInMemory('us');
    planned = new PlannedEvents(100);
    [seen, unplannable, outcome] = [[], [], () => true];
    local = open(/\.l\.event\.accepted$/);
  });
  const open = (subjects: RegExp, isDue?: (event: FoundEvent) => boolean): LocalPlanning =>
    new LocalPlanning({
      log: planner.log.events('us', subjects),
      planned,
      plan: async ({ seq }) => {
        seen.push(seq);
        return outcome(seq);
      },
      onUnplannable: ({ seq }) => unplannable.push(seq),
      isDue,
    });

  it('are planned once each, the others not at all', async () => {
    for (const [eventId, scope] of [
      ['evt_1', 'l'],
      ['evt_2', 'g'],
      ['evt_3', 'l'],
    ] as const)
      planner.accept(eventId, {}, scope);
    await local.pass();
    planner.accept('evt_4', {}, 'l');
    await local.pass();
    expect(seen).toEqual([1, 3, 4]);
  });

  it('begin where it may not be known, and leave out what was planned', async () => {
    for (const eventId of ['evt_1', 'evt_2', 'evt_3']) planner.accept(eventId, {}, 'l');
    planned.noteWhole(2);
    local.startAt(2);
    await local.pass();
    expect(seen).toEqual([3]);
  });

  it('are tried again when the registry or NATS was not ready', async () => {
    planner.accept('evt_1', {}, 'l');
    outcome = () => false;
    await local.pass();
    outcome = () => {
      throw new WaybillError('WB_NATS_AWAY', 'no ack');
    };
    await expect(local.pass()).rejects.toThrow('no ack');
    outcome = () => true;
    await local.pass();
    await local.pass();
    expect(seen).toEqual([1, 1, 1]);
  });

  it('are left to the consumer when they cannot be planned', async () => {
    planner.accept('evt_1', {}, 'l');
    outcome = () => {
      throw new SyntaxError('broken');
    };
    await local.pass();
    await local.pass();
    expect([seen, unplannable]).toEqual([[1], [1]]);
  });

  it('that are runs do not hold up each other while some wait', async () => {
    const runs = new RunsInMemory(planner);
    for (const runId of ['1', '2', '3', '4']) runs.accept(`evt_${runId}`, finishedRun(runId), 'l');
    const waiting = new Set(['evt_1']);
    local = open(/\.l\.run\.completed$/, ({ eventId = '' }) => !waiting.has(eventId));
    outcome = (seq) => {
      if (seq === 3) throw new SyntaxError('broken');
      if (seq !== 4) planned.noteWhole(seq);
      return seq !== 4;
    };
    await local.pass();
    await local.pass();
    waiting.clear();
    await local.pass();
    expect([seen, unplannable]).toEqual([[2, 3, 4, 4, 1, 4], [3]]);
  });
});
