import { beforeEach, describe, expect, it } from 'vitest';
import { finishedRun, startedByBot } from '../../testing/finished-run.ts';
import { PlannerInMemory } from '../../testing/planner-in-memory.ts';
import { githubAway, RunsInMemory } from '../../testing/runs-in-memory.ts';

const MINUTE_MS = 60_000;

describe('planning a finished run of a chain', () => {
  let planner: PlannerInMemory;
  let runs: RunsInMemory;

  beforeEach(() => {
    planner = new PlannerInMemory('us');
    runs = new RunsInMemory(planner);
  });

  const first = async () => {
    await runs.plan(runs.accept('evt_1', finishedRun('100')));
    const [decided] = runs.decided();
    if (decided === undefined) throw new Error('nothing was decided');
    return decided;
  };

  it('follows what started it, and tells that one its end, once', async () => {
    runs.settle(await first(), '200');
    await runs.catchUp();
    const event = runs.accept('evt_2', startedByBot('200', { conclusion: 'failure' }));
    await runs.plan(event);
    await runs.restart();
    await runs.plan(event, { isFirstTry: false });
    expect(runs.decided()[1]?.chain).toEqual({ id: 'evt_1', depth: 1, ancestors: [] });
    expect(runs.ended()).toMatchObject([
      { eventId: 'evt_1', endpointId: 'github:acme/my-target-repo/cd.yml', runId: '200', runAttempt: 1, conclusion: 'failure' },
    ]);
  });

  it('tells the end also while GitHub is away', async () => {
    runs.settle(await first(), '200');
    await runs.catchUp();
    runs.github = githubAway();
    const event = runs.accept('evt_2', startedByBot('200'));
    await runs.plan(event);
    await runs.plan(event);
    expect(runs.ended()).toHaveLength(1);
  });

  it('tells an end that was there before the word of the start, once, also after a death in between', async () => {
    const decided = await first();
    await runs.plan(
      runs.accept('evt_2', startedByBot('200', { event: 'workflow_dispatch', updatedAt: '2025-12-31T00:00:00Z', conclusion: 'failure' })),
    );
    expect(runs.decided()[1]?.skip?.reason).toBe('chain_unverifiable');
    await runs.runs.tellLateEnds();
    expect(runs.ended()).toEqual([]);
    runs.settle(decided, '200');
    await runs.restart();
    planner.log.willBe('lost');
    await expect(runs.runs.tellLateEnds()).rejects.toThrow('no ack');
    await runs.runs.tellLateEnds();
    await runs.runs.tellLateEnds();
    await runs.restart();
    await runs.runs.tellLateEnds();
    expect(runs.ended()).toMatchObject([{ eventId: 'evt_1', runId: '200', conclusion: 'failure' }]);
  });

  it('waits for the word of its start for a minute after its end', async () => {
    const event = runs.accept('evt_2', startedByBot('200'));
    expect(await runs.plan(event)).toEqual({ kind: 'again', delayMs: 1_500, reason: 'chain' });
    expect(runs.waiting.detail).toBeUndefined();
    runs.settle(await first(), '200');
    await runs.plan(event, { isFirstTry: false });
    expect(runs.decided()[1]).toMatchObject({ eventId: 'evt_2', chain: { id: 'evt_1' } });
    runs.nowMs += MINUTE_MS;
    await runs.plan(runs.accept('evt_3', startedByBot('300')));
    expect(runs.decided()[2]?.skip?.reason).toBe('chain_unverifiable');
  });
});
