import { type EndpointId, githubEndpointId, parseFactSubject, WaybillError } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeadLetters } from '../../testing/dead-letters.ts';
import { JobsInMemory } from '../../testing/jobs-in-memory.ts';
import { PlannerInMemory } from '../../testing/planner-in-memory.ts';
import { EXPIRES_MS } from './run-job.ts';

const a = 'a' as EndpointId;
const SECOND_MS = 1_000;

describe('the jobs of a region', () => {
  let planner: PlannerInMemory;
  let jobs: JobsInMemory;
  let dead: DeadLetters;

  beforeEach(() => {
    planner = new PlannerInMemory('us', { nowMs: () => jobs.nowMs });
    jobs = new JobsInMemory(planner);
    dead = new DeadLetters(jobs);
    planner.endpoint(a);
  });

  it('counts what it would send, and sends nothing before it is started', async () => {
    const items = [
      ...(await dead.several(3, a)),
      await dead.one('gone' as EndpointId),
      await dead.one(githubEndpointId('acme', 'app', 'cd.yml')),
    ];
    const id = jobs.redrive(items, { start: false });
    await jobs.settle();
    expect(jobs.job(id)).toMatchObject({
      state: 'planned',
      plan: {
        deliveries: 3,
        events: 3,
        endpoints: [{ tenantId: 'acme', endpointId: a, count: 3 }],
        endpointCount: 1,
        skipped: { endpoint_deleted: 1, dispatch_needs_consent: 1 },
      },
    });
    expect(jobs.replayed()).toEqual([]);
    jobs.change(id, 'start');
    await jobs.settle();
    expect(jobs.job(id)).toMatchObject({ state: 'done', done: 3, skipped: { endpoint_deleted: 1, dispatch_needs_consent: 1 } });
    expect(jobs.replayed()).toHaveLength(3);
  });

  it('ends a job that nobody started for a day', async () => {
    const id = jobs.redrive(await dead.several(1, a), { start: false });
    await jobs.settle();
    jobs.nowMs += EXPIRES_MS - 1;
    await jobs.settle();
    expect(jobs.job(id).state).toBe('planned');
    jobs.nowMs += 1;
    await jobs.settle();
    expect(jobs.job(id).state).toBe('expired');
    expect(jobs.replayed()).toEqual([]);
  });

  it('keeps to its rate, also after it stood still, and tells how far it is', async () => {
    const id = jobs.redrive(await dead.several(100, a), { ratePerSecond: 10 });
    jobs.onPublish = ({ subject }) => {
      if (subject.includes('plan.made') && jobs.plannedAtMs.length === 20) jobs.nowMs += 3_600 * SECOND_MS;
    };
    await jobs.settle();
    expect(jobs.job(id)).toMatchObject({ state: 'done', done: 100 });
    for (const from of jobs.plannedAtMs)
      expect(jobs.plannedAtMs.filter((ms) => ms >= from && ms < from + SECOND_MS).length).toBeLessThanOrEqual(20);
    expect(planner.log.messages.filter(({ subject }) => subject.endsWith('job.advanced')).length).toBeGreaterThan(1);
  });

  it.each(['pause', 'cancel'] as const)('heeds a %s at once, and goes on exactly there', async (change) => {
    const id = jobs.redrive(await dead.several(40, a), { ratePerSecond: 10 });
    jobs.onPublish = () => {
      if (jobs.replayed().length === 15 && jobs.job(id).state === 'running') jobs.change(id, change);
    };
    await jobs.settle();
    const sent = jobs.replayed().length;
    expect(sent).toBeLessThanOrEqual(16);
    expect(jobs.job(id)).toMatchObject({ state: change === 'pause' ? 'paused' : 'cancelled', done: sent });
    jobs.restart();
    await jobs.settle();
    expect(jobs.replayed()).toHaveLength(sent);
    jobs.change(id, 'resume');
    await jobs.settle();
    expect(jobs.replayed()).toHaveLength(change === 'pause' ? 40 : sent);
    expect(jobs.job(id)).toMatchObject({ state: change === 'pause' ? 'done' : 'cancelled', done: change === 'pause' ? 40 : sent });
  });

  it('counts what was planned before it died when it is cancelled', async () => {
    const id = jobs.redrive(await dead.several(10, a), { ratePerSecond: 4 });
    Object.assign(jobs, { livesFor: 4 });
    await jobs.settle();
    const sent = jobs.replayed().length;
    jobs.restart();
    jobs.change(id, 'cancel');
    await jobs.settle();
    expect(jobs.job(id)).toMatchObject({ state: 'cancelled', done: sent });
    expect(sent).toBeGreaterThan(0);
  });

  it('is not held up by a job that is paused, and takes a new rate while it runs', async () => {
    const first = jobs.redrive(await dead.several(5, a), { ratePerSecond: 1 });
    jobs.onPublish = () => {
      if (jobs.replayed().length === 2 && jobs.job(first).state === 'running') jobs.change(first, 'pause');
    };
    await jobs.settle();
    const second = jobs.redrive(await dead.several(5, a));
    await jobs.settle();
    expect([jobs.job(first).state, jobs.job(second).state]).toEqual(['paused', 'done']);
    jobs.change(first, 'rate', 1_000);
    jobs.change(first, 'resume');
    const before = jobs.nowMs;
    await jobs.settle();
    expect(jobs.job(first)).toMatchObject({ state: 'done', ratePerSecond: 1_000 });
    expect(jobs.nowMs - before).toBeLessThan(SECOND_MS);
  });

  it('waits, and says so, while its region may not work', async () => {
    jobs.isActive = false;
    const id = jobs.redrive(await dead.several(1, a));
    await jobs.settle();
    expect(jobs.job(id).state).toBe('planning');
    expect(jobs.detail).toBe(`${id} planning 0/?, waits for its region to be active`);
    jobs.isActive = true;
    await jobs.settle();
    expect([jobs.job(id).state, jobs.detail]).toEqual(['done', undefined]);
  });

  it.each(['lost', 'unanswered'] as const)(
    'repeats a plan whose publish was %s as it was, wherever its endpoint is by now',
    async (fate) => {
      const items = await dead.several(3, a);
      const id = jobs.redrive(items, { start: false, ratePerSecond: 2 });
      await jobs.settle();
      jobs.change(id, 'start');
      planner.log.willBe(fate);
      jobs.onPublish = () => {
        planner.endpoints.length = 0;
        planner.endpoint(a, 'eu');
      };
      await jobs.settle();
      await jobs.settle();
      expect(jobs.failures).toMatchObject([{ code: 'WB_NATS_AWAY' }, undefined]);
      expect(jobs.job(id)).toMatchObject({ state: 'done', done: 3 });
      expect(jobs.replayed().map(({ event, region }) => [event.eventId, region])).toEqual(
        items.map(({ eventId: of }, index) => [of, index === 0 ? 'us' : 'eu']),
      );
    },
  );

  it('says why it waits for as long as it does', async () => {
    const id = jobs.redrive(await dead.several(3, a), { ratePerSecond: 0.4 });
    const told: [type: string, detail: string | undefined][] = [];
    jobs.onPublish = ({ subject }) => {
      const type = parseFactSubject(subject)?.type ?? '';
      const isFirst = type === 'plan.made' && told.every(([other]) => other !== type);
      told.push([type, jobs.detail]);
      if (isFirst) throw new WaybillError('WB_NATS_AWAY', 'the log is away');
    };
    await jobs.settle();
    await jobs.settle();
    const plans = told.filter(([type]) => type === 'plan.made').map(([, detail]) => detail);
    expect(plans[1]).toBe(`${id} running 0/3, the log is away`);
    expect(told.at(-1)).toEqual(['job.ended', `${id} running 3/3`]);
  });

  it('ends with the reason when what it reads was made anew', async () => {
    await dead.several(1, a);
    const spec = { kind: 'replay', from: '2025-12-31T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', destinations: 'then' } as const;
    const id = jobs.create(spec, { start: false });
    await jobs.settle();
    jobs.created = '2026-01-03T00:00:00.000Z';
    jobs.change(id, 'start');
    await jobs.settle();
    expect(jobs.job(id)).toMatchObject({ state: 'failed', detail: 'LOG_US was made anew since this was planned' });
    expect(jobs.replayed()).toEqual([]);
  });
});
