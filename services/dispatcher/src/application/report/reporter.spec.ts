import { beforeEach, describe, expect, it } from 'vitest';
import { at, RunFacts } from '../../domain/report/testing/facts.ts';
import { ReportWorld } from './testing/report-world.ts';

/*
 * What if the process dies right there?
 *
 * | it dies                                     | what the next process finds              | so that                              |
 * | ------------------------------------------- | ---------------------------------------- | ------------------------------------ |
 * | before the check run                        | a story without a report                 | it makes the check run               |
 * | after the check run, before its fact        | the check run, by its external id        | it writes the same one again         |
 * | after the fact                              | the digest                               | it writes nothing                    |
 * | after the issue was opened, before its fact | the open issue, by its marker            | it writes the same one again         |
 */

let world: ReportWorld;
const GOOD = [{}];
const BAD = [{}, { denied: 'inbound_not_authorized' }] as const;

beforeEach(() => {
  world = new ReportWorld();
});

/** All facts of run `n`, whose first target starts. */
function complete(n: number, targets: ConstructorParameters<typeof RunFacts>[1]): RunFacts {
  const run = new RunFacts(n, targets);
  world.tell(run.decidedFact(), run.started(0, n + 1));
  return run;
}

describe('the check run', () => {
  it('is made when it was decided, and completed at the end: two writes for what takes a second', async () => {
    world.start();
    const run = new RunFacts(1, [{}, {}]);
    world.tell(run.decidedFact());
    await world.pass(2);
    expect(world.github.checks.get('1')).toMatchObject({ externalId: 'evt_1', status: 'in_progress' });
    world.tell(run.started(0), run.started(1));
    await world.pass(2);
    expect(world.github.checks.get('1')).toMatchObject({ status: 'completed', conclusion: 'success' });
    expect(world.github.writes).toEqual(['createCheckRun', 'updateCheckRun']);
    expect(world.reported.map(({ checkRunId }) => checkRunId)).toContain('1');
  });

  it('is one write when all happened at once', async () => {
    world.start();
    complete(1, GOOD);
    await world.pass(5);
    expect(world.github.writes).toEqual(['createCheckRun']);
  });

  it('says how the started runs ended, a few times at most', async () => {
    world.start();
    const run = new RunFacts(
      1,
      Array.from({ length: 20 }, () => ({})),
    );
    world.tell(run.decidedFact(), ...run.decided.targets.map((_, ordinal) => run.started(ordinal)));
    await world.pass(3);
    for (const [ordinal] of run.decided.targets.entries()) {
      world.tell(run.ended(ordinal, ordinal === 0 ? 'failure' : 'success'));
      await world.pass(3);
    }
    expect(world.github.checks.get('1')).toMatchObject({ conclusion: 'success' });
    expect(world.github.checks.get('1')?.summary.match(/ended with success/g)).toHaveLength(20);
    expect(world.github.checks.get('1')?.summary).toContain('ended with failure');
    expect(world.github.writes.length).toBeLessThanOrEqual(4);
  });

  it('is none for a run that leads to nothing, and one for a file that cannot be used', async () => {
    world.start();
    world.tell(new RunFacts(1, [], { skip: { reason: 'no_matching_outbound', detail: '' } }).decidedFact());
    world.tell(new RunFacts(2, [], { skip: { reason: 'source_config_invalid', detail: 'line 1' } }).decidedFact());
    await world.pass(3);
    expect([...world.github.checks.values()]).toMatchObject([{ externalId: 'evt_2', conclusion: 'failure' }]);
    expect(world.github.issues).toEqual([]);
  });

  it.each(['check_run', 'check_suite'])('is none for a run that a check run may have caused: %s', async (event) => {
    world.start();
    const caused = [
      new RunFacts(1, [], { skip: { reason: 'source_config_invalid', detail: '' } }, { event }),
      new RunFacts(2, BAD, {}, { event }),
    ];
    for (const run of caused) world.tell(run.decidedFact());
    await world.pass(60);
    expect(world.github.checks.size).toBe(0);
    expect(world.github.open).toHaveLength(1);
  });

  it('is another one for the second attempt of a run', async () => {
    world.start();
    complete(1, GOOD);
    const again = new RunFacts(2, GOOD, {}, { id: '1', attempt: 2, headSha: '1'.padStart(40, '0') });
    world.tell(again.decidedFact(), again.started(0));
    await world.pass(3);
    expect([...world.github.checks.values()].map(({ externalId }) => externalId)).toEqual(['evt_1', 'evt_2']);
  });

  it('is written by a webhook without an installation too', async () => {
    world.start();
    const run = new RunFacts(1, GOOD, {}, { installationId: undefined });
    world.tell(run.decidedFact(), run.started(0));
    await world.pass(3);
    expect(world.github.calls).toContain('repository');
    expect(world.github.checks.size).toBe(1);
  });

  it('takes facts that come late from another region, even before the decision', async () => {
    world.start();
    const run = new RunFacts(1, GOOD);
    world.tell(run.started(0));
    await world.pass(3);
    expect(world.github.calls).toEqual([]);
    world.tell(run.decidedFact());
    await world.pass(3);
    expect(world.github.checks.get('1')).toMatchObject({ conclusion: 'success' });
  });
});

describe('a restart', () => {
  it('writes nothing again', async () => {
    world.kill(world.start());
    const first = world.start();
    complete(1, GOOD);
    complete(2, BAD);
    await world.pass(20);
    const written = [...world.github.calls];
    expect(written).toContain('createIssue');
    world.kill(first);
    world.start();
    await world.pass(100);
    expect(world.github.calls).toEqual(written);
  });

  it.each(['createCheckRun', 'createIssue'])('goes on with the same one when the process died after %s', async (call) => {
    const first = world.start();
    world.github.failNext(call, 'died');
    complete(1, BAD);
    await world.pass(20);
    world.kill(first);
    world.start();
    await world.pass(20);
    expect(world.github.writes.filter((write) => write === call)).toHaveLength(1);
    expect(world.github.checks.size).toBe(1);
    expect(world.github.open).toHaveLength(1);
    expect(world.reported.at(-1)).toMatchObject({ checkRunId: '1', issueNumber: 0 });
  });

  it('makes what a process meant to make that died right before it, after two minutes', async () => {
    complete(1, GOOD);
    const untilMs = world.nowMs + 120_000;
    world.start({ claim: () => Promise.resolve(world.nowMs >= untilMs) });
    await world.pass(110);
    expect(world.github.checks.size).toBe(0);
    await world.pass(20);
    expect(world.github.checks.size).toBe(1);
  });

  it('of which there are two at once make one check run and one issue', async () => {
    world.start();
    world.start();
    complete(1, BAD);
    await world.pass(200);
    expect(world.github.checks.size).toBe(1);
    expect(world.github.issues).toHaveLength(1);
  });

  it.each(['check run', 'issue'])('looks again before it makes the %s that it claimed after a long wait for NATS', async (what) => {
    const natsIsBack = Promise.withResolvers<boolean>();
    const only = { createChecks: what === 'check run', createIssues: what === 'issue' };
    world.start({ ...only, claim: () => natsIsBack.promise });
    complete(1, BAD);
    await world.pass(60);
    world.start(only);
    await world.pass(20);
    natsIsBack.resolve(true);
    await world.pass(20);
    expect(world.github.writes.filter((call) => call.startsWith('create'))).toHaveLength(1);
  });

  it('writes what was not written', async () => {
    complete(1, GOOD);
    world.start();
    await world.pass(3);
    expect(world.github.writes).toEqual(['createCheckRun']);
  });
});

describe('several regions', () => {
  it('one of them writes; the other goes on with the same check run', async () => {
    let writer = 'eu';
    const eu = world.start({ writesHere: () => writer === 'eu' });
    world.start({ region: 'us', writesHere: () => writer === 'us' });
    const run = new RunFacts(1, GOOD);
    world.tell(run.decidedFact());
    await world.pass(5);
    expect(world.github.writes).toEqual(['createCheckRun']);
    world.kill(eu);
    writer = 'us';
    world.tell(run.started(0));
    await world.pass(5);
    expect(world.github.writes).toEqual(['createCheckRun', 'updateCheckRun']);
    // The last one says that there is no issue.
    expect(world.reported.map(({ region }) => region)).toEqual(['eu', 'us', 'us']);
  });

  it('learn nothing of what stays at home', async () => {
    world.start();
    const run = new RunFacts(1, GOOD);
    world.tell(run.decidedFact('l'), run.started(0));
    await world.pass(5);
    expect(world.scopes).toEqual(['l', 'l']);
  });

  it('does not write for ever because the clock of another region is ahead', async () => {
    world.start();
    const run = new RunFacts(1, BAD);
    world.tell(run.decidedFact(), run.reported('open.old/old', 50_000, { region: 'us', checkRunId: '1' }), run.started(0));
    await world.pass(100);
    expect(world.github.writes.length).toBeLessThanOrEqual(2);
    expect(Date.parse(world.reported.at(-1)?.at ?? '')).toBeGreaterThan(Date.parse(at(50_000)));
  });
});

describe('GitHub', () => {
  it('away: it is tried again, less and less often, seen once in the log', async () => {
    const reporter = world.start();
    for (let n = 0; n < 6; n += 1) world.github.failNext('createCheckRun', 'away');
    complete(1, GOOD);
    await world.pass(20);
    expect(reporter.pending).toEqual({ count: 2, failure: 'GitHub answered 502' });
    expect(world.github.calls.filter((call) => call === 'createCheckRun').length).toBeLessThanOrEqual(5);
    await world.pass(200);
    expect(world.github.checks.size).toBe(1);
    expect(world.waiting).toEqual(['GitHub answered 502', undefined]);
    expect(reporter.pending).toEqual({ count: 0, failure: undefined });
  });

  it('asks to wait: nothing goes out until then', async () => {
    world.start();
    world.github.failNext('createCheckRun', 'limited');
    complete(1, GOOD);
    complete(2, GOOD);
    await world.pass(88);
    expect(world.github.writes).toEqual([]);
    await world.pass(10);
    expect(world.github.checks.size).toBe(2);
  });

  it('refuses: that is said, and not tried for ever', async () => {
    world.start();
    world.github.failNext('createCheckRun', 'refused');
    world.github.failNext('createIssue', 'refused');
    complete(1, BAD);
    await world.pass(600);
    expect(world.github.writes).toEqual([]);
    expect(world.github.calls.filter((call) => call.startsWith('create'))).toHaveLength(2);
    expect(world.refused).toHaveLength(2);
    expect(
      world.reported
        .at(-1)
        ?.failed?.split('\n')
        .map((line) => line.split(':')[0]),
    ).toEqual(['check', 'issue']);
  });

  it('is busy with dispatches: reports wait for their turn', async () => {
    world.start();
    let left = 0;
    world.turn = () => ({ kind: 'later', dueMs: world.nowMs + 10_000 });
    complete(1, GOOD);
    await world.pass(15);
    expect(world.github.calls).toEqual([]);
    expect(world.entered.length).toBeLessThanOrEqual(2);
    world.turn = () => ({ kind: 'go', leave: () => (left += 1) });
    await world.pass(15);
    expect(world.github.checks.size).toBe(1);
    expect(left).toBe(world.entered.length - 2);
  });

  it('always fails for one report: the others are written', async () => {
    const reporter = world.start();
    for (let n = 0; n < 99; n += 1) world.github.failNext('repository', 'away');
    const poisoned = new RunFacts(1, GOOD, {}, { installationId: undefined });
    world.tell(poisoned.decidedFact(), poisoned.started(0));
    await world.pass(10);
    for (const n of [2, 3, 4]) complete(n, GOOD);
    await world.pass(60);
    expect([...world.github.checks.values()].map(({ externalId }) => externalId)).toEqual(['evt_2', 'evt_3', 'evt_4']);
    expect(reporter.pending.count).toBe(1);
  });

  it('away for one installation holds no other one up', async () => {
    world.start();
    for (let n = 0; n < 9; n += 1) world.github.failNext('repository', 'away');
    const [slow, other] = [new RunFacts(1, GOOD, {}, { installationId: undefined }), new RunFacts(2, GOOD, {}, { owner: 'beta' })];
    world.tell(slow.decidedFact(), slow.started(0), other.decidedFact(), other.started(0));
    await world.pass(10);
    expect([...world.github.checks.values()].map(({ externalId }) => externalId)).toEqual(['evt_2']);
  });
});

describe('the issue', () => {
  it('is opened once over three failing runs, follows the newest, and is closed by a good one', async () => {
    world.start();
    for (const n of [1, 2, 3]) {
      complete(n, BAD);
      await world.pass(20);
    }
    expect(world.github.issues).toHaveLength(1);
    expect(world.github.open[0]?.body).toContain('run 3');
    expect(world.github.writes.filter((write) => write.endsWith('Issue'))).toEqual(['createIssue', 'updateIssue', 'updateIssue']);
    complete(4, GOOD);
    await world.pass(20);
    expect(world.github.open).toEqual([]);
    expect(world.github.issues[0]?.body).toContain('run 4');
  });

  it('is looked for once by good runs, then it is known that there is none', async () => {
    const first = world.start();
    complete(1, GOOD);
    await world.pass(20);
    world.kill(first);
    world.start();
    for (const n of [2, 3, 4]) complete(n, GOOD);
    await world.pass(20);
    expect(world.github.calls.filter((call) => call.endsWith('Issue'))).toEqual(['findIssue']);
  });

  it('is written at most once in eight seconds: what comes meanwhile is written together', async () => {
    world.start();
    for (const n of [1, 2, 3, 4, 5, 6, 7]) {
      complete(n, BAD);
      await world.pass(1.5);
    }
    expect(world.github.writes.filter((write) => write.endsWith('Issue'))).toEqual(['createIssue', 'updateIssue']);
    await world.pass(10);
    expect(world.github.open[0]?.body).toContain('run 7');
  });

  it('stays with the newest run when an older one is told later', async () => {
    world.start();
    complete(5, GOOD);
    await world.pass(20);
    complete(3, BAD);
    await world.pass(40);
    expect(world.github.issues).toEqual([]);
  });

  it('that people closed is not touched: the next failure opens a new one', async () => {
    world.start();
    complete(1, BAD);
    await world.pass(20);
    const [issue] = world.github.issues;
    if (issue !== undefined) issue.state = 'closed';
    complete(2, BAD);
    await world.pass(20);
    expect(world.github.issues.map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  it('is not written by a run that an issue may have caused', async () => {
    world.start();
    world.tell(new RunFacts(1, [{ denied: 'cycle_detected' }], {}, { event: 'issues' }).decidedFact());
    await world.pass(60);
    expect(world.github.issues).toEqual([]);
    expect(world.github.checks.size).toBe(1);
  });

  it('is none with CREATE_ISSUES=false, and no check run with CREATE_CHECKS=false', async () => {
    world.start({ createIssues: false, createChecks: false });
    complete(1, BAD);
    await world.pass(60);
    expect(world.github.calls).toEqual([]);
  });

  it('waits a while for the other targets, then tells of those that failed', async () => {
    world.start();
    const run = new RunFacts(1, [{}, { denied: 'cycle_detected' }]);
    world.tell(run.decidedFact());
    await world.pass(20);
    expect(world.github.issues).toEqual([]);
    await world.pass(20);
    expect(world.github.open).toHaveLength(1);
    world.tell(run.started(0));
    await world.pass(20);
    expect(world.github.writes.filter((write) => write.endsWith('Issue'))).toEqual(['createIssue', 'updateIssue']);
  });
});
