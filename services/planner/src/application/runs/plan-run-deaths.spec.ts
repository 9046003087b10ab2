import { beforeEach, describe, expect, it } from 'vitest';
import { finishedRun } from '../../testing/finished-run.ts';
import { PlannerInMemory } from '../../testing/planner-in-memory.ts';
import { RunsInMemory } from '../../testing/runs-in-memory.ts';

describe('planning a finished run, after a death', () => {
  let planner: PlannerInMemory;
  let runs: RunsInMemory;

  const everything = ['acme/my-target-repo/cd.yml', 'other/elsewhere/cd.yml', 'third/place/cd.yml'];
  beforeEach(() => {
    planner = new PlannerInMemory('us');
    runs = new RunsInMemory(planner);
    runs.targets = everything;
    planner.tenant('gh-acme', { home: 'us' });
    planner.tenant('gh-other', { home: 'eu' });
    planner.tenant('gh-third', { home: 'ap' });
  });

  it.each([
    ['before the decision', ['lost']],
    ['when the decision was stored', ['unanswered']],
    ['between the decision and its plan', ['stored', 'lost']],
    ['between two plans', ['stored', 'stored', 'lost']],
    ['when a plan was stored', ['stored', 'stored', 'unanswered']],
    ['before the last plan', ['stored', 'stored', 'stored', 'lost']],
  ] as const)('%s, plans each target once, from one decision, whatever the file says by then', async (_, fates) => {
    const event = runs.accept('evt_1', finishedRun('100'));
    planner.log.willBe(...fates);
    await expect(runs.plan(event)).rejects.toThrow('no ack');
    if (fates[0] !== 'lost') runs.targets = ['acme/other-target/cd.yml'];
    await runs.restart();
    expect(await runs.plan(event, { isFirstTry: false })).toEqual({ kind: 'done' });
    expect(runs.decided()).toHaveLength(1);
    expect(
      runs
        .calls()
        .map((call) => call.join(' '))
        .toSorted(),
    ).toEqual(['ap third/place/cd.yml', 'eu other/elsewhere/cd.yml', 'us acme/my-target-repo/cd.yml']);
  });

  it('after the plan, does nothing again', async () => {
    const event = runs.accept('evt_1', finishedRun('100'));
    await runs.plan(event);
    runs.targets = [];
    await runs.restart();
    await runs.plan(event, { isFirstTry: false });
    expect(planner.log.messages).toHaveLength(5);
  });

  it('goes by the decision that was stored when its own was not', async () => {
    const event = runs.accept('evt_1', finishedRun('100'));
    planner.log.willBe('unanswered');
    await expect(runs.plan(event)).rejects.toThrow('no ack');
    runs.targets = ['acme/other-target/cd.yml'];
    // Nothing tells that it may have been stored, but the stream.
    await runs.plan(event);
    expect(runs.decided()).toHaveLength(1);
    expect(runs.calls().map(([, target]) => target)).toEqual(everything);
  });

  it('uses what the failed region had decided, and what a stand-in decided', async () => {
    const event = runs.accept('evt_1', finishedRun('100'));
    planner.log.willBe('stored', 'lost');
    await expect(runs.plan(event)).rejects.toThrow('no ack');
    const eu = new RunsInMemory(new PlannerInMemory('eu'));
    eu.targets = [];
    eu.planner.peers.copy(planner.log);
    await eu.plan(event, { isFirstTry: false });
    expect([eu.decided(), eu.calls().length]).toEqual([[], 3]);
  });
});
