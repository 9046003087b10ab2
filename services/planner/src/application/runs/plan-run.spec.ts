import { type DeliveryId, newEventId } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { finishedRun } from '../../testing/finished-run.ts';
import { PlannerInMemory } from '../../testing/planner-in-memory.ts';
import { githubAway, githubLimited, RunsInMemory } from '../../testing/runs-in-memory.ts';

const MINUTE_MS = 60_000;

describe('planning a finished run', () => {
  let planner: PlannerInMemory;
  let runs: RunsInMemory;

  beforeEach(() => {
    planner = new PlannerInMemory('us');
    runs = new RunsInMemory(planner);
  });

  it('appends the decision, then a plan in which each call has its own delivery', async () => {
    runs.targets = ['acme/my-target-repo/cd.yml', 'acme/my-target-repo/cd.yml'];
    planner.tenant('gh-acme', { home: 'us' });
    planner.endpoint('ep_http', undefined, 'gh-acme');
    await runs.plan(runs.accept('evt_1', finishedRun('100')));
    expect(planner.log.messages.map(({ subject }) => subject)).toEqual([
      'wb.us.g.run.completed',
      'wb.us.g.dispatch.decided',
      'wb.us.g.plan.made.us',
    ]);
    expect(runs.decided()).toMatchObject([
      {
        eventId: 'evt_1',
        region: 'us',
        run: { identity: 'github.com/1/100/1', workflow: 'ci.yml', installationId: '40' },
        chain: { id: 'evt_1', depth: 0 },
      },
    ]);
    const [head] = planner.log.plans();
    const called = runs.decided().flatMap(({ targets }) => targets.map(({ deliveryId }) => deliveryId));
    expect(head?.deliveries.map(({ endpointId }) => endpointId)).toEqual([
      'ep_http',
      'github:acme/my-target-repo/cd.yml',
      'github:acme/my-target-repo/cd.yml',
    ]);
    expect(new Set(head?.deliveries.map(({ deliveryId }) => deliveryId))).toEqual(
      new Set<DeliveryId | undefined>([head?.deliveries[0]?.deliveryId, ...called]),
    );
    expect(new Set(called).size).toBe(2);
  });

  it('gives an end to a run that leads to nothing, and tells why', async () => {
    runs.pauses = [{ id: 'freeze', owner: 'ACME', reason: 'x', createdAt: '', updatedAt: '' }];
    await runs.plan(runs.accept('evt_1', finishedRun('100')));
    expect(runs.decided()).toMatchObject([{ targets: [{ denied: { reason: 'operator_paused' }, owner: 'acme', repo: 'my-target-repo' }] }]);
    expect(planner.plans()).toEqual([['evt_1', 'us', '', undefined]]);
  });

  it('sets aside what is no run', async () => {
    expect(await runs.plan(runs.accept('evt_1', { host: 'github.com' }))).toEqual({ kind: 'done' });
    expect(planner.log.messages.at(-1)?.subject).toBe('wb.us.g.event.refused');
    expect(Buffer.from(planner.log.messages.at(-1)?.body ?? '').toString()).toContain('poison');
  });

  it('keeps what a strict owner does in its region', async () => {
    runs.targets = ['other/elsewhere/cd.yml'];
    planner.tenant('gh-other', { home: 'eu' });
    await runs.plan(runs.accept('evt_1', finishedRun('100'), 'l'));
    expect(planner.log.messages.map(({ subject }) => subject.split('.')[2])).toEqual(['l', 'l', 'l']);
    expect(runs.calls()).toEqual([['us', 'other/elsewhere/cd.yml']]);
  });

  describe('that another event speaks of too', () => {
    it('decides once when both come at the same time', async () => {
      const [first, second] = [runs.accept('evt_1', finishedRun('100')), runs.accept('evt_2', finishedRun('100'))];
      await Promise.all([runs.plan(first), runs.plan(second)]);
      expect(runs.decided().map(({ eventId, skip }) => [eventId, skip?.reason])).toEqual([
        ['evt_1', undefined],
        ['evt_2', 'duplicate_run_attempt'],
      ]);
      expect(runs.calls()).toHaveLength(1);
      expect(planner.plans()).toHaveLength(2);
    });

    it('lets the second decide when the first must wait', async () => {
      runs.github = githubAway();
      const [first, second] = [runs.accept('evt_1', finishedRun('100')), runs.accept('evt_2', finishedRun('100'))];
      expect(await runs.plan(first)).toMatchObject({ kind: 'again' });
      runs.github = 'up';
      await runs.plan(second);
      await runs.plan(first, { isFirstTry: false });
      expect(runs.decided().map(({ eventId, skip }) => [eventId, skip?.reason])).toEqual([
        ['evt_2', undefined],
        ['evt_1', 'duplicate_run_attempt'],
      ]);
    });

    it('knows it from another region, and after a restart, whichever is read first', async () => {
      const other = new RunsInMemory(new PlannerInMemory('eu'));
      await other.plan(other.accept('evt_eu', finishedRun('100')));
      planner.peers.copy(other.planner.log);
      await runs.catchUp();
      await runs.plan(runs.accept('evt_us', finishedRun('100')));
      await runs.restart();
      await runs.plan(runs.accept('evt_us2', finishedRun('100')));
      expect(runs.decided().map(({ skip }) => skip?.reason)).toEqual(['duplicate_run_attempt', 'duplicate_run_attempt']);
      expect(runs.index.isRepeat('github.com/1/100/1', runs.decided()[0]?.eventId ?? newEventId(0, new Uint8Array(10)))).toBe(true);
    });

    it('takes one that ended before all that it remembers for one of them: a captured webhook has no effect after that either', async () => {
      await runs.plan(runs.accept('evt_1', finishedRun('100', { updatedAt: '2025-12-24T23:59:59Z' })));
      await runs.plan(runs.accept('evt_2', finishedRun('101', { updatedAt: '2025-12-25T00:00:01Z' })));
      expect(runs.decided().map(({ eventId, skip }) => [eventId, skip?.reason])).toEqual([
        ['evt_1', 'duplicate_run_attempt'],
        ['evt_2', undefined],
      ]);
      expect(runs.calls()).toHaveLength(1);
    });

    it('takes another attempt for another run', async () => {
      await runs.plan(runs.accept('evt_1', finishedRun('100')));
      await runs.plan(runs.accept('evt_2', finishedRun('100', { attempt: 2 })));
      expect(runs.calls()).toHaveLength(2);
    });
  });

  describe('while GitHub', () => {
    it('does not answer, gives it back for longer and longer, and tells so once', async () => {
      runs.github = githubAway();
      const event = runs.accept('evt_1', finishedRun('100'));
      const delays: unknown[] = [];
      for (let n = 0; n < 8; n += 1) delays.push(await runs.plan(event));
      expect(delays.map((handled) => Reflect.get(Object(handled), 'delayMs') as unknown)).toEqual(
        [1, 2, 4, 8, 16, 32, 60, 60].map((s) => s * 1_000),
      );
      await runs.plan(runs.accept('evt_2', finishedRun('101')));
      expect(runs.waiting.detail).toBe('waits since 2026-01-01T00:00:00.000Z, 2 runs: GitHub does not answer');
      runs.github = 'up';
      await runs.plan(event);
      expect(runs.waiting.detail).toContain('1 runs');
      await runs.plan({ ...event, seq: 2 });
      runs.nowMs += 4 * MINUTE_MS;
      expect(runs.waiting.detail).toBeUndefined();
      expect(runs.told).toEqual(['away', 'goes on']);
      expect(runs.decided()).toHaveLength(1);
    });

    it('does not know the App, waits too; a bug is no reason to wait', async () => {
      runs.github = Object.assign(new Error('GitHub answers 404'), { name: 'GithubRefused' });
      const event = runs.accept('evt_1', finishedRun('100'));
      expect(await runs.plan(event)).toMatchObject({ kind: 'again', delayMs: 1_000 });
      runs.github = new TypeError('a bug');
      await expect(runs.plan(event)).rejects.toThrow('a bug');
    });

    it('asks to slow down, waits as long as it says', async () => {
      runs.github = githubLimited(90_000);
      const event = runs.accept('evt_1', finishedRun('100'));
      expect(await runs.plan(event)).toMatchObject({ kind: 'again', delayMs: 90_000 });
      expect(runs.runs.isDue('evt_1')).toBe(false);
      runs.nowMs += 90_000;
      expect([runs.runs.isDue('evt_1'), runs.runs.isDue('evt_other')]).toEqual([true, true]);
    });

    it('is not set up here, keeps it', async () => {
      runs.github = 'off';
      await runs.restart();
      expect(await runs.plan(runs.accept('evt_1', finishedRun('100')))).toMatchObject({ kind: 'again' });
      expect([runs.waiting.detail?.split(': ')[1], runs.told]).toEqual(['no GitHub App is set up here', ['off']]);
    });

    it('thinks, appends nothing when it is another region’s turn by then', async () => {
      const event = runs.accept('evt_1', finishedRun('100'));
      runs.before = async () => {
        runs.mayAppend = false;
      };
      expect(await runs.plan(event)).toMatchObject({ kind: 'again' });
      expect(planner.log.messages).toHaveLength(1);
    });
  });

  describe('on a busy edge', () => {
    it('counts others of the last ten minutes, also those that are being decided at the same time', async () => {
      runs.policy = { ...runs.policy, edgeLimit: 3 };
      await runs.restart();
      const together = Promise.withResolvers<void>();
      runs.before = () => together.promise;
      const events = ['1', '2', '3', '4', '5'].map((id) => runs.plan(runs.accept(`evt_${id}`, finishedRun(id))));
      together.resolve();
      await Promise.all(events);
      expect(runs.calls()).toHaveLength(3);
      expect(runs.decided().flatMap(({ targets }) => targets.map(({ denied }) => denied?.reason))).toEqual([
        undefined,
        undefined,
        undefined,
        'edge_rate_exceeded',
        'edge_rate_exceeded',
      ]);
      await runs.restart();
      runs.nowMs += 11 * MINUTE_MS;
      await runs.plan(runs.accept('evt_6', finishedRun('6')));
      expect(runs.calls()).toHaveLength(4);
    });
  });
});
