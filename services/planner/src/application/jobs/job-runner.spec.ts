import {
  dispatchDeliveryId,
  type DispatchTarget,
  type EndpointId,
  type EventId,
  githubEndpointId,
  joinRawData,
  type ListedItem,
  newEventId,
  replayDeliveryId,
  subjects,
  type TenantId,
} from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { finishedRun } from '../../testing/finished-run.ts';
import { deadLetter, JobsInMemory } from '../../testing/jobs-in-memory.ts';
import { PlannerInMemory, toPlan } from '../../testing/planner-in-memory.ts';
import { PlannedEvents } from '../planned-events.ts';
import { EXPIRES_MS } from './run-job.ts';

const a = 'a' as EndpointId;
const SECOND_MS = 1_000;

describe('the jobs of a region', () => {
  let planner: PlannerInMemory;
  let jobs: JobsInMemory;
  let count: number;

  const eventId = (): EventId => newEventId(jobs.nowMs, Buffer.alloc(10, (count += 1)));
  /** A dead letter of an event that was planned as the registry is now. */
  const dead = async (endpointId = a, change: object = {}): Promise<ListedItem> => {
    const id = eventId();
    const event = planner.accept(id, change);
    await planner.appender.appendMissing(toPlan(event), new PlannedEvents(10));
    return deadLetter(planner.log.name, { eventId: id, seq: event.seq, planSeq: event.seq + 1 }, endpointId);
  };
  const several = async (number: number): Promise<ListedItem[]> => {
    const items: ListedItem[] = [];
    for (let index = 0; index < number; index += 1) items.push(await dead());
    return items;
  };
  const refused = async (change: object): Promise<ListedItem> => {
    const { seq, body } = planner.accept(eventId(), change);
    const id = /evt_\w+/.exec(Buffer.from(body).toString())?.[0] as EventId;
    return { id, kind: 'event', eventId: id, tenantId: 'acme', event: { stream: planner.log.name, seq } };
  };

  beforeEach(() => {
    count = 0;
    planner = new PlannerInMemory('us', { nowMs: () => jobs.nowMs });
    jobs = new JobsInMemory(planner);
    planner.endpoint(a);
  });

  it('counts what it would send, and sends nothing before it is started', async () => {
    const items = [...(await several(3)), await dead('gone' as EndpointId), await dead(githubEndpointId('acme', 'app', 'cd.yml'))];
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
    const id = jobs.redrive(await several(1), { start: false });
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
    const id = jobs.redrive(await several(100), { ratePerSecond: 10 });
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
    const id = jobs.redrive(await several(40), { ratePerSecond: 10 });
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
    const id = jobs.redrive(await several(10), { ratePerSecond: 4 });
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
    const first = jobs.redrive(await several(5), { ratePerSecond: 1 });
    jobs.onPublish = () => {
      if (jobs.replayed().length === 2 && jobs.job(first).state === 'running') jobs.change(first, 'pause');
    };
    await jobs.settle();
    const second = jobs.redrive(await several(5));
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
    const id = jobs.redrive(await several(1));
    await jobs.settle();
    expect(jobs.job(id).state).toBe('planning');
    expect(jobs.detail).toBe(`${id} planning 0/?, waits for its region to be active`);
    jobs.isActive = true;
    await jobs.settle();
    expect([jobs.job(id).state, jobs.detail]).toEqual(['done', undefined]);
  });

  it('gates an event that was set aside again, and plans it as one that came in just now', async () => {
    const items = [await refused({}), await refused({ version: 9, minCompatible: 9 }), await refused({ version: 1, minCompatible: 1 })];
    planner.endpoint('b', 'eu');
    const id = jobs.redrive(items);
    await jobs.settle();
    expect(jobs.job(id)).toMatchObject({ state: 'done', done: 2, skipped: { reader_too_old: 1, drop_incompatible: 1 } });
    expect(jobs.replayed().map(({ region, deliveries, parts, replay }) => [region, deliveries.length, parts, replay?.jobId])).toEqual([
      ['us', 1, 2, id],
      ['eu', 1, 2, id],
    ]);
    expect(jobs.replayed()[0]?.deliveries[0]?.deliveryId.slice(4, 20)).toBe(items[0]?.eventId.slice(4, 20));
  });

  it('gives an event that was set aside a plan although nobody wants it any more', async () => {
    planner.endpoints.length = 0;
    const id = jobs.redrive([await refused({})]);
    await jobs.settle();
    expect(jobs.job(id)).toMatchObject({ state: 'done', done: 0, plan: { deliveries: 0, events: 1 } });
    expect(jobs.replayed()).toMatchObject([{ region: 'us', deliveries: [] }]);
  });

  it('decides a finished run that was set aside when it is planned, once, however often the process dies', async () => {
    const { seq } = jobs.github.accept('evt_run', finishedRun('100'));
    const item = { ...deadLetter(planner.log.name, { eventId: 'evt_run' as EventId, seq }, a), id: 'evt_run', kind: 'event' } as const;
    const id = jobs.redrive([item], { start: false });
    await jobs.settle();
    expect([jobs.job(id).plan?.events, jobs.github.decided()]).toEqual([1, []]);
    jobs.change(id, 'start');
    Object.assign(jobs, { livesFor: 1, lastIs: 'lost' });
    await jobs.settle();
    expect([jobs.github.decided().length, jobs.replayed()]).toEqual([1, []]);
    jobs.restart();
    await jobs.settle();
    expect([jobs.github.decided().length, jobs.github.decisions, jobs.job(id).state]).toEqual([1, 0, 'done']);
    expect(jobs.replayed()).toMatchObject([{ replay: { jobId: id }, deliveries: [{ dispatch: { workflow: 'cd.yml' } }] }]);
    const seen: unknown[] = [];
    await planner.log.events('us', /plan\.made/).scan({}, (found) => seen.push(found));
    // Whether an event was planned is asked of other plans alone.
    expect(seen).toEqual([]);
  });

  it('looks for what is not where it was listed, and tells what is gone', async () => {
    const [moved, lost] = await several(2);
    const away = { stream: planner.peers.name, seq: 99 };
    const nowhere = newEventId(jobs.nowMs, Buffer.alloc(10, 99));
    const id = jobs.redrive([
      { ...deadLetter('', { eventId: moved?.eventId ?? nowhere, seq: 1 }, a), event: away, plan: away },
      { ...deadLetter('', { eventId: nowhere, seq: 1 }, a), event: lost?.event ?? away },
    ]);
    await jobs.settle();
    expect(jobs.job(id)).toMatchObject({ state: 'done', done: 1, skipped: { payload_lost: 1 } });
    expect(jobs.replayed()[0]?.event.eventId).toBe(moved?.eventId);
  });

  it('routes by the registry and the regions of now, default endpoints too', async () => {
    jobs.withDefault.add('eu');
    const items = [await dead(), await dead('region.eu' as EndpointId), await dead('region.ap' as EndpointId)];
    planner.endpoints.length = 0;
    planner.endpoint(a, 'ap');
    const id = jobs.redrive(items);
    await jobs.settle();
    expect(jobs.replayed().map(({ region, registryRevision, registrySeen }) => [region, registryRevision, registrySeen])).toEqual([
      ['ap', 7, 11],
      ['eu', 7, 11],
    ]);
    expect(jobs.job(id).skipped).toEqual({ endpoint_deleted: 1 });
  });

  it('makes a workflow dispatch again only when it is told to, under a key of its own', async () => {
    const run = eventId();
    const target: DispatchTarget = {
      key: 'k'.repeat(32),
      host: 'github.com',
      installationId: '1',
      repositoryId: '2',
      owner: 'acme',
      repo: 'app',
      workflow: 'cd.yml',
      ref: 'main',
      inputs: {},
      rule: 'outbound[0]',
      chain: { id: 'c', depth: 0, ancestors: [] },
    };
    const endpointId = githubEndpointId('acme', 'app', 'cd.yml');
    const deliveryId = dispatchDeliveryId(run, target.key);
    const event = {
      eventId: run,
      eventType: 'github.workflow_run.completed',
      tenantId: 'acme',
      source: 'github',
      region: 'us',
      timestamp: '2026-01-01T00:00:00Z',
      correlationId: run,
    };
    const head = {
      v: 1,
      event,
      region: 'us',
      acceptedSeq: 1,
      registryRevision: 1,
      deliveries: [{ deliveryId, endpointId, dispatch: target }],
      at: '2026-01-01T00:00:00.000Z',
    };
    const seq = planner.log.store({ subject: subjects.plan('us', 'g', 'us'), body: joinRawData(head, Buffer.from('{}')) });
    const item = { ...deadLetter(planner.log.name, { eventId: run, seq, planSeq: seq }, endpointId), id: deliveryId };
    const ids = [false, true].map((dispatches) => jobs.redrive([item], { spec: { kind: 'redrive', filter: {}, dispatches } }));
    await jobs.settle();
    expect(ids.map((id) => jobs.job(id).skipped)).toEqual([{ dispatch_needs_consent: 1 }, {}]);
    const [made] = jobs.replayed().flatMap(({ deliveries }) => deliveries);
    expect(made).toMatchObject({ endpointId, replayOf: deliveryId, dispatch: { repeats: target.key, owner: 'acme', workflow: 'cd.yml' } });
    expect([made?.dispatch?.key, made?.deliveryId]).not.toContain(target.key);
    expect(made?.deliveryId).not.toBe(deliveryId);
  });

  it.each(['then', 'now'] as const)(
    'replays events of another region that arrived here, to the destinations of %s',
    async (destinations) => {
      const eu = new PlannerInMemory('eu', { nowMs: () => jobs.nowMs });
      eu.endpoint(a);
      const id = eventId();
      // Its own sequence, and the one of its copy, differ.
      eu.accept(eventId(), { tenantId: 'other' });
      await eu.appender.appendMissing(toPlan(eu.accept(id)), new PlannedEvents(10));
      planner.peers.copy(eu.log, 2);
      await dead();
      const range = { from: '2025-12-31T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' };
      jobs.create({ kind: 'replay', ...range, region: 'eu', destinations });
      await jobs.settle();
      expect(jobs.replayed()).toMatchObject([
        { event: { eventId: id, region: 'eu' }, acceptedSeq: 2, region: 'eu', deliveries: [{ endpointId: a }] },
      ]);
    },
  );

  it('passes over what a replay into one endpoint is not for', async () => {
    planner.endpoint('b');
    await several(2);
    const spec = { kind: 'replay', from: '2025-12-31T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', destinations: 'now' } as const;
    const [first, second] = planner.endpoints;
    if (first === undefined || second === undefined) throw new Error('there are two');
    planner.endpoints.splice(0, 2, first, { ...second, eventTypes: ['user.*'] });
    const into = second.id;
    const [none, one] = [jobs.create({ ...spec, into }), jobs.create({ ...spec, into: first.id })];
    await jobs.settle();
    expect([jobs.job(none).done, jobs.job(one).done]).toEqual([0, 2]);
    planner.endpoints.splice(0, 1, { ...first, disabled: { reason: 'manual', at: '2026-01-01T00:00:00.000Z' } });
    const disabled = jobs.create({ ...spec, into: first.id });
    await jobs.settle();
    expect(jobs.job(disabled)).toMatchObject({ done: 0, skipped: { endpoint_disabled: 2 } });
  });

  it('ends with the reason when what it reads was made anew', async () => {
    await several(1);
    const spec = { kind: 'replay', from: '2025-12-31T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', destinations: 'then' } as const;
    const id = jobs.create(spec, { start: false });
    await jobs.settle();
    jobs.created = '2026-01-03T00:00:00.000Z';
    jobs.change(id, 'start');
    await jobs.settle();
    expect(jobs.job(id)).toMatchObject({ state: 'failed', detail: 'LOG_US was made anew since this was planned' });
    expect(jobs.replayed()).toEqual([]);
  });

  it('replays what is in its range and fits, once, and never what a job made', async () => {
    const early = await dead();
    jobs.nowMs += SECOND_MS;
    const from = new Date(jobs.nowMs).toISOString();
    const [first] = await several(1);
    await dead(a, { eventType: 'user.created' });
    await dead(a, { tenantId: 'other' });
    await dead(a, { eventType: 'github.workflow_run.completed' });
    jobs.redrive([early]);
    await jobs.settle();
    jobs.nowMs += SECOND_MS;
    const to = new Date(jobs.nowMs).toISOString();
    await dead();
    const before = jobs.replayed().length;
    const id = jobs.create({
      kind: 'replay',
      from,
      to,
      destinations: 'then',
      tenantId: 'acme' as TenantId,
      eventTypes: ['order.*'],
      region: 'us',
    });
    await jobs.settle();
    const made = jobs.replayed().slice(before);
    expect(made).toMatchObject([
      { event: { eventId: first?.eventId }, replay: { jobId: id, kind: 'replay' }, deliveries: [{ endpointId: a }] },
    ]);
    expect(made[0]?.deliveries).toEqual([{ deliveryId: replayDeliveryId(id, first?.eventId ?? ('' as EventId), a), endpointId: a }]);
  });
});
