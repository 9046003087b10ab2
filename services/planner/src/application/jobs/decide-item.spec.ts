import {
  dispatchDeliveryId,
  type DispatchTarget,
  type EndpointId,
  type EventId,
  githubEndpointId,
  joinRawData,
  newEventId,
  replayDeliveryId,
  subjects,
  type TenantId,
} from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { finishedRun } from '../../testing/finished-run.ts';
import { deadLetter, DeadLetters } from '../../testing/dead-letters.ts';
import { JobsInMemory } from '../../testing/jobs-in-memory.ts';
import { PlannerInMemory, toPlan } from '../../testing/planner-in-memory.ts';
import { regionRecord } from '../../testing/region-record.ts';
import { PlannedEvents } from '../planned-events.ts';

const a = 'a' as EndpointId;
const SECOND_MS = 1_000;

describe('what jobs plan', () => {
  let planner: PlannerInMemory;
  let jobs: JobsInMemory;
  let dead: DeadLetters;

  beforeEach(() => {
    planner = new PlannerInMemory('us', { nowMs: () => jobs.nowMs });
    jobs = new JobsInMemory(planner);
    dead = new DeadLetters(jobs);
    planner.endpoint(a);
  });

  it('gates an event that was set aside again, and plans it as one that came in just now', async () => {
    const items = [dead.refused({}), dead.refused({ version: 9, minCompatible: 9 }), dead.refused({ version: 1, minCompatible: 1 })];
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
    const id = jobs.redrive([dead.refused({})]);
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
    const [moved, lost] = await dead.several(2, a);
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

  it('leaves to a region what that one made a dead letter, as soon as it is active again', async () => {
    const [first, second] = (await dead.several(2, a)).map((item) => ({ ...item, region: 'eu' }));
    if (first === undefined || second === undefined) throw new Error('there are two');
    planner.records.set('eu', regionRecord('eu', 'failed'));
    const done = jobs.redrive([first]);
    const late = jobs.redrive([second], { start: false });
    await jobs.settle();
    planner.records.set('eu', regionRecord('eu', 'active'));
    jobs.change(late, 'start');
    await jobs.settle();
    expect([jobs.job(done), jobs.job(late)]).toMatchObject([
      { state: 'done', done: 1, skipped: {} },
      { state: 'done', done: 0, plan: { deliveries: 1 }, skipped: { region_active: 1 } },
    ]);
  });

  it('routes by the registry and the regions of now, default endpoints too', async () => {
    jobs.withDefault.add('eu');
    const items = [await dead.one(a), await dead.one('region.eu' as EndpointId), await dead.one('region.ap' as EndpointId)];
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
    const run = dead.eventId();
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
      const id = dead.eventId();
      // Its own sequence, and the one of its copy, differ.
      eu.accept(dead.eventId(), { tenantId: 'other' });
      await eu.appender.appendMissing(toPlan(eu.accept(id)), new PlannedEvents(10));
      planner.peers.copy(eu.log, 2);
      await dead.one(a);
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
    await dead.several(2, a);
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

  it('keeps an event that is only for one endpoint to that one, however it is repeated', async () => {
    planner.endpoint('b');
    const [first, second] = planner.endpoints;
    if (first === undefined || second === undefined) throw new Error('there are two');
    planner.endpoints.splice(0, 2, first, { ...second, eventTypes: ['user.*'] });
    const item = await dead.one(second.id, { onlyTo: second.id });
    const spec = { kind: 'replay', from: '2025-12-31T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' } as const;
    const repeated = [
      jobs.redrive([item]),
      jobs.redrive([{ ...item, kind: 'event', endpointId: undefined }]),
      jobs.create({ ...spec, destinations: 'then' }),
      jobs.create({ ...spec, destinations: 'now' }),
      jobs.create({ ...spec, destinations: 'now', into: first.id }),
      jobs.create({ ...spec, destinations: 'now', into: second.id }),
    ];
    await jobs.settle();
    expect(repeated.map((id) => jobs.job(id).done)).toEqual([1, 1, 1, 1, 0, 1]);
    expect(jobs.replayed().flatMap(({ deliveries }) => deliveries.map(({ endpointId }) => endpointId))).toEqual(Array(5).fill('b'));
  });

  it('replays what is in its range and fits, once, and never what a job made', async () => {
    const early = await dead.one(a);
    jobs.nowMs += SECOND_MS;
    const from = new Date(jobs.nowMs).toISOString();
    const [first] = await dead.several(1, a);
    await dead.one(a, { eventType: 'user.created' });
    await dead.one(a, { tenantId: 'other' });
    await dead.one(a, { eventType: 'github.workflow_run.completed' });
    jobs.redrive([early]);
    await jobs.settle();
    jobs.nowMs += SECOND_MS;
    const to = new Date(jobs.nowMs).toISOString();
    await dead.one(a);
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
