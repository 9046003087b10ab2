import {
  jobEndedSchema,
  type Job,
  type JobFact,
  jobPlannedSchema,
  jobAdvancedSchema,
  jobCreatedSchema,
  isWaybillError,
} from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../commands/fake-registry.fixture.ts';
import type { RecoveryPorts } from '../recovery-ports.ts';
import { changeJob } from './change-job.ts';
import { caller, DAY_MS, fakeRecovery } from './fake-recovery.fixture.ts';
import { viewOf } from './job-ports.ts';
import { replay } from './replay.ts';

let fake: ReturnType<typeof fakeRecovery>;
let ports: RecoveryPorts;
beforeEach(() => {
  fake = fakeRecovery();
  ports = fake.start();
  fake.world.endpoint('acme', 'new');
  fake.world.endpoint('acme', 'off', { disabled: { reason: 'manual', at: '2026-01-01T00:00:00Z' } });
  for (const tenant of ['acme', 'other']) fake.world.endpoint(tenant, 'both');
  fake.world.strictElsewhere.add('strict-eu');
});
const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString();
const body = { from: day(4), to: day(6), destinations: 'then', reason: 'they lost them' };

it('a replay into an endpoint is one of its tenant alone', async () => {
  const job = await replay(ports, { ...body, destinations: undefined, into: 'new', start: true }, caller);
  expect(job).toMatchObject({ kind: 'replay', state: 'planning', spec: { tenantId: 'acme', into: 'new', destinations: 'now' } });
  expect(fake.world.facts).toMatchObject([{ type: 'job.created', scope: 'l', body: { lists: [], start: true, ratePerSecond: 200 } }]);
});

it.each<[what: string, more: object, code: string]>([
  ['that ends before it begins', { to: day(4) }, 'WB_REPLAY_RANGE'],
  ['of the future', { from: day(11), to: day(12) }, 'WB_REPLAY_RANGE'],
  ['of what is not kept any more', { from: day(2) }, 'WB_REPLAY_RANGE'],
  ['of another region’s events, from before there is a copy', { region: 'eu', from: day(7), to: day(9) }, 'WB_REPLAY_RANGE'],
  ['into what does not exist', { into: 'none' }, 'WB_ENDPOINT_UNKNOWN'],
  ['for an endpoint of another tenant', { endpointId: 'new', tenantId: 'other' }, 'WB_ENDPOINT_UNKNOWN'],
  ['into what is disabled', { into: 'off' }, 'WB_ENDPOINT_DISABLED'],
  ['into one of two', { into: 'both' }, 'WB_SCHEMA_VIOLATION'],
  ['into one and narrowed to another', { into: 'new', endpointId: 'both' }, 'WB_SCHEMA_VIOLATION'],
  ['to nobody knows whom', { destinations: undefined }, 'WB_SCHEMA_VIOLATION'],
  ['of nobody knows whose', { tenantId: 'nobody' }, 'WB_TENANT_UNKNOWN'],
  ['of a strict tenant elsewhere', { tenantId: 'strict-eu' }, 'WB_MISDIRECTED'],
  ['of a region that is not known', { region: 'mars' }, 'WB_REGION_UNKNOWN'],
  ['without a reason', { reason: undefined }, 'WB_SCHEMA_VIOLATION'],
])('a replay %s is refused before anything is written', async (_what, more, code) => {
  expect((await refusal(replay(ports, { ...body, ...more }, caller))).code).toBe(code);
  expect(fake.world.facts).toEqual([]);
});

it('a range that is refused comes with the possible one', async () => {
  const error: unknown = await replay(ports, { ...body, from: day(2) }, caller).catch((thrown: unknown) => thrown);
  expect(isWaybillError(error) && error.extra['possible']).toEqual({ from: day(3), to: day(10) });
});

it('events of all regions go back as far as the LOG, when nothing was removed from the copies', async () => {
  await replay(ports, body, caller);
  fake.world.peers = { ...fake.world.peers, firstSeq: 2 };
  expect((await refusal(replay(ports, { ...body, tenantId: 'other' }, caller))).code).toBe('WB_REPLAY_RANGE');
  expect((await refusal(replay(ports, { ...body, tenantId: 'other', region: 'us' }, caller))).code).toBe('WB_JOB_OVERLAP');
});

it('the same command again under its key is the same job, also when that is over', async () => {
  const first = await replay(ports, body, caller, 'key');
  const ended = jobEndedSchema.parse({ v: 1, jobId: first.id, how: 'done', done: 3, skipped: {}, at: day(10) });
  ports.index.note({ type: 'job.ended', fact: ended });
  expect(await replay(ports, body, caller, 'key')).toMatchObject({ id: first.id, state: 'done' });
  expect((await refusal(replay(ports, { ...body, to: day(7) }, caller, 'key'))).code).toBe('WB_IDEMPOTENCY_MISMATCH');
  expect((await replay(ports, body, caller, 'another')).id).not.toBe(first.id);
});

it('a LOG from which nothing was removed may be asked for any time', async () => {
  fake.world.log = { ...fake.world.log, firstSeq: 1 };
  expect((await replay(ports, { ...body, from: day(2) }, caller)).spec).toMatchObject({ from: day(2) });
});

describe('a job', () => {
  let job: Job;
  const note = (fact: JobFact): void => ports.index.note(fact);
  const at = (seconds: number): string => new Date(fake.world.nowMs + seconds * 1000).toISOString();
  const view = () => {
    const present = ports.index.find(job.id);
    if (present === undefined) throw new Error('the job is gone');
    return viewOf(ports, present);
  };
  const change = (what: 'start' | 'pause' | 'resume' | 'cancel' | 'rate', more: unknown = {}) =>
    changeJob(ports, { id: job.id, change: what, body: more, caller });
  const advanced = (seconds: number, done: number): void => {
    const place = { stream: 'LOG_US', seq: done, item: 0 };
    note({
      type: 'job.advanced',
      fact: jobAdvancedSchema.parse({ v: 1, jobId: job.id, place, done, skipped: { late: 5 }, at: at(seconds) }),
    });
  };

  beforeEach(async () => {
    const { id } = await replay(ports, body, caller);
    const found = ports.index.find(id);
    if (found === undefined) throw new Error('there is no job');
    job = found;
    const counts = { deliveries: 990, events: 990, endpoints: [], endpointCount: 1, skipped: { endpoint_deleted: 10 }, stretches: [] };
    note({ type: 'job.planned', fact: jobPlannedSchema.parse({ v: 1, jobId: id, ...counts, at: at(1) }) });
  });

  it('is steered by facts that say who and why', async () => {
    expect(await change('start', { ratePerSecond: 20, reason: 'now' })).toMatchObject({ state: 'running', ratePerSecond: 20 });
    expect(await change('pause')).toMatchObject({ state: 'paused' });
    expect(await change('resume')).toMatchObject({ state: 'running' });
    expect(await change('rate', { ratePerSecond: 5 })).toMatchObject({ state: 'running', ratePerSecond: 5 });
    expect(await change('cancel')).toMatchObject({ state: 'cancelling' });
    expect(fake.world.ofType('job.changed').map(({ body: fact }) => Reflect.get(fact, 'by'))).toMatchObject([
      { actor: 'eve', reason: 'now' },
      ...Array.from({ length: 4 }, () => ({ actor: 'eve', reason: 'not given' })),
    ]);
  });

  it('is not steered into a state that it cannot have', async () => {
    for (const what of ['pause', 'resume'] as const) expect((await refusal(change(what))).code).toBe('WB_JOB_STATE');
    expect((await refusal(change('rate'))).code).toBe('WB_SCHEMA_VIOLATION');
    expect((await refusal(change('start', { rate: 1 }))).paths).toEqual(['rate']);
    expect((await refusal(changeJob(ports, { id: 'job_none', change: 'start', body: {}, caller }))).code).toBe('WB_JOB_UNKNOWN');
    expect(fake.world.ofType('job.changed')).toEqual([]);
  });

  it('shows how far it is, how fast it was lately, and how long it will take', async () => {
    await change('start');
    expect(view().progress).toEqual({ done: 0, skipped: {}, total: 1_000, percent: 0, ratePerSecond: 0 });
    advanced(2, 20);
    advanced(4, 60);
    expect(view().progress).toEqual({ done: 60, skipped: { late: 5 }, total: 1_000, percent: 6.5, ratePerSecond: 15, etaSeconds: 63 });
    for (let n = 3; n < 20; n += 1) advanced(2 * n, 60 + 20 * (n - 2));
    expect(view().progress).toMatchObject({ ratePerSecond: 10 });
  });

  it('does not count the time in which it was paused', async () => {
    await change('start');
    advanced(2, 20);
    await change('pause');
    expect(view().progress.ratePerSecond).toBe(0);
    fake.world.nowMs += DAY_MS;
    await change('resume');
    advanced(2, 40);
    expect(view().progress.ratePerSecond).toBe(10);
  });

  it('that was noted twice is the same', () => {
    const created = jobCreatedSchema.parse(fake.world.ofType('job.created')[0]?.body);
    note({ type: 'job.created', fact: created });
    expect(ports.index.find(job.id)).toMatchObject({ state: 'planned', plan: { deliveries: 990 } });
  });
});
