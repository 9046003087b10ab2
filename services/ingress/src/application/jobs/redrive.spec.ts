import { jobCreatedSchema, jobListedSchema } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../commands/fake-registry.fixture.ts';
import { discard } from '../dead-letters/discard.ts';
import { retryDelivery, skipDelivery } from '../deliveries/instruct-delivery.ts';
import type { RecoveryPorts } from '../recovery-ports.ts';
import { caller, deadLetter, fakeRecovery } from './fake-recovery.fixture.ts';
import { redrive } from './redrive.ts';

let fake: ReturnType<typeof fakeRecovery>;
let ports: RecoveryPorts;
beforeEach(() => {
  fake = fakeRecovery();
  ports = fake.start();
});
const many = (count: number): void => {
  fake.world.deadLetters = Array.from({ length: count }, (_, n) => deadLetter(n));
};
const reason = 'the receiver is back';
const everything = { all: true, reason };

describe('a redrive', () => {
  it('lists what it works on part by part while it reads, and then makes the job', async () => {
    many(1_100);
    const job = await redrive(ports, { ...everything, start: true, ratePerSecond: 50 }, caller);
    const { calls } = fake.world;
    expect(calls).toEqual(['page', 'page', 'job.listed', 'page', 'page', 'job.listed', 'page', 'job.listed', 'job.created']);
    const parts = fake.world.ofType('job.listed').map(({ body }) => jobListedSchema.parse(body));
    expect(parts.map(({ part, items }) => [part, items.length])).toEqual([
      [0, 500],
      [1, 500],
      [2, 100],
    ]);
    // Listed from the newest on, worked on from the oldest on.
    const worked = parts.toReversed().flatMap(({ items }) => items.map(({ id }) => id));
    expect(worked).toEqual(fake.world.deadLetters.map(({ id }) => id).toReversed());
    expect(jobCreatedSchema.parse(fake.world.ofType('job.created')[0]?.body)).toMatchObject({
      jobId: job.id,
      lists: [3, 2, 1],
      spec: { kind: 'redrive', filter: { region: 'us' }, dispatches: false },
      start: true,
      ratePerSecond: 50,
      by: { actor: 'eve', reason },
    });
    expect(fake.world.facts.every(({ scope }) => scope === 'l')).toBe(true);
    expect(job).toMatchObject({ state: 'planning', plan: null, progress: { done: 0, total: 0 } });
  });

  it('that dies between two parts has left nothing: the same command makes the job', async () => {
    many(1_100);
    fake.world.beforeAppend = () => {
      if (fake.world.facts.length === 2) throw new Error('the process dies here');
    };
    await expect(redrive(ports, everything, caller)).rejects.toThrow('dies here');
    fake.world.beforeAppend = () => undefined;
    const next = fake.start();
    expect(next.index.all()).toEqual([]);
    const job = await redrive(next, everything, caller);
    expect(jobCreatedSchema.parse(fake.world.ofType('job.created')[0]?.body)).toMatchObject({ jobId: job.id, lists: [5, 4, 3] });
  });

  it('asked for twice at once is made once', async () => {
    many(3);
    const [first, second] = await Promise.allSettled([redrive(ports, everything, caller), redrive(ports, everything, caller)]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { code: 'WB_JOB_OVERLAP', extra: { jobId: first.status === 'fulfilled' && first.value.id } } });
    expect(fake.world.ofType('job.created')).toHaveLength(1);
  });

  it('leaves out what has no event here any more, and says so', async () => {
    fake.world.deadLetters = [deadLetter(1), deadLetter(2, { event: null }), deadLetter(3)];
    await redrive(ports, everything, caller);
    expect(fake.world.leftOut).toBe(1);
    expect(jobListedSchema.parse(fake.world.ofType('job.listed')[0]?.body).items.map(({ id }) => id)).toEqual(['dlv_3', 'dlv_1']);
  });

  it('of another region is for that region, unless it does not do it itself', async () => {
    fake.world.deadLetters = [deadLetter(1, { region: 'eu' })];
    const theirs = { filter: { region: 'eu' }, reason };
    expect((await refusal(redrive(ports, theirs, caller))).code).toBe('WB_MISDIRECTED');
    expect((await refusal(redrive(ports, { ids: ['dlv_1'], reason }, caller))).code).toBe('WB_MISDIRECTED');
    expect(fake.world.facts).toEqual([]);
    fake.world.euState = 'failed';
    expect((await redrive(ports, theirs, caller)).spec).toMatchObject({ filter: { region: 'eu' } });
  });

  it('waits until the read models have read what is stored', async () => {
    many(1);
    fake.world.readTo = 9;
    const before = fake.world.nowMs;
    expect((await refusal(redrive(ports, everything, caller))).code).toBe('WB_READS_BEHIND');
    expect(fake.world.nowMs - before).toBeGreaterThanOrEqual(30_000);
    fake.world.readTo = 99;
    fake.world.created = '2025-12-31T00:00:00.000Z';
    expect((await refusal(redrive(ports, everything, caller))).code).toBe('WB_READS_BEHIND');
    expect(fake.world.calls).toEqual([]);
  });
});

it.each<[what: string, body: object, code: string]>([
  ['without a reason', { all: true }, 'WB_SCHEMA_VIOLATION'],
  ['without a choice', { reason }, 'WB_SCHEMA_VIOLATION'],
  ['with two choices', { ids: ['dlv_1'], filter: { tenantId: 'acme' }, reason }, 'WB_SCHEMA_VIOLATION'],
  ['with an empty filter', { filter: {}, reason }, 'WB_SCHEMA_VIOLATION'],
  ['with a filter that is not known', { filter: { tenant: 'acme' }, reason }, 'WB_SCHEMA_VIOLATION'],
  ['of what is not known', { ids: ['dlv_1', 'dlv_none'], reason }, 'WB_DEAD_LETTER_UNKNOWN'],
  ['of what is over', { ids: ['dlv_1', 'dlv_2'], reason }, 'WB_DELIVERY_STATE'],
  ['of a strict tenant elsewhere', { filter: { tenantId: 'strict-eu' }, reason }, 'WB_MISDIRECTED'],
  ['of a region that is not known', { filter: { region: 'mars' }, reason }, 'WB_REGION_UNKNOWN'],
  ['of nothing', { filter: { tenantId: 'other' }, reason }, 'WB_DEAD_LETTER_UNKNOWN'],
])('a redrive %s is refused before anything is written', async (_what, body, code) => {
  fake.world.deadLetters = [deadLetter(1), deadLetter(2, { state: 'redriven' })];
  fake.world.strictElsewhere.add('strict-eu');
  expect((await refusal(redrive(ports, body, caller))).code).toBe(code);
  expect(fake.world.facts).toEqual([]);
});

it('what is discarded is said once a thousand and a scope', async () => {
  fake.world.deadLetters = Array.from({ length: 1_205 }, (_, n) => deadLetter(n, { scope: n < 5 ? 'l' : 'g' }));
  expect(await discard(ports, { all: true, reason: 'obsolete' }, caller)).toEqual({ discarded: 1_205 });
  const told = fake.world.facts.map(({ scope, body }) => [scope, Reflect.get(body, 'ids').length, Reflect.get(body, 'by')]);
  const by = { actor: 'eve', reason: 'obsolete' };
  expect(told).toEqual([
    ['g', 1_000, by],
    ['g', 200, by],
    ['l', 5, by],
  ]);
  expect(new Set(fake.world.facts.map(({ msgId }) => msgId)).size).toBe(3);
});

it('what a job is about to try again is not discarded', async () => {
  many(2);
  const { id: jobId } = await redrive(ports, { ids: ['dlv_0'], reason }, caller);
  for (const body of [{ ids: ['dlv_0'] }, { filter: { tenantId: 'acme' } }])
    await expect(discard(ports, { ...body, reason }, caller)).rejects.toMatchObject({ code: 'WB_JOB_OVERLAP', extra: { jobId } });
  expect(fake.world.ofType('dead_letter.discarded')).toEqual([]);
  expect(await discard(ports, { ids: ['dlv_1'], reason }, caller)).toEqual({ discarded: 1 });
});

describe('a delivery', () => {
  const seen = (state: 'retrying' | 'delivered' | 'dead_lettered', endpointId = 'ep', tenantId = 'acme'): void => {
    fake.world.deliveries.set('dlv_1', { id: 'dlv_1', eventId: 'evt_1', tenantId, endpointId, state });
    fake.world.deadLetters = [deadLetter(1, { endpointId })];
  };

  it('that waits is tried now, or given up', async () => {
    seen('retrying');
    expect(await retryDelivery(ports, 'dlv_1', {}, caller)).toEqual({ deliveryId: 'dlv_1', instruction: 'retry' });
    seen('retrying', 'ep', 'strict');
    await skipDelivery(ports, 'dlv_1', { reason: 'it blocks its key' }, caller);
    expect(fake.world.facts).toMatchObject([
      { type: 'delivery.instructed', scope: 'g', body: { instruction: 'retry', by: { actor: 'eve', reason: 'not given' } } },
      { type: 'delivery.instructed', scope: 'l', body: { instruction: 'skip', region: 'us', by: { reason: 'it blocks its key' } } },
    ]);
  });

  it('that is a dead letter gets a job that starts by itself', async () => {
    seen('dead_lettered');
    expect(await retryDelivery(ports, 'dlv_1', {}, caller)).toMatchObject({ kind: 'redrive', spec: { ids: ['dlv_1'] } });
    expect(fake.world.ofType('job.created')[0]?.body).toMatchObject({ start: true, lists: [1] });
  });

  it('that is a workflow dispatch is not made again without consent', async () => {
    seen('dead_lettered', 'github:acme/web/cd.yml');
    expect((await refusal(retryDelivery(ports, 'dlv_1', {}, caller))).code).toBe('WB_DELIVERY_STATE');
    expect(await retryDelivery(ports, 'dlv_1', { dispatches: true }, caller)).toMatchObject({ spec: { dispatches: true } });
  });

  it('that ended otherwise, or is not known, is left alone', async () => {
    seen('delivered');
    expect((await refusal(retryDelivery(ports, 'dlv_1', {}, caller))).code).toBe('WB_DELIVERY_STATE');
    expect((await refusal(skipDelivery(ports, 'dlv_1', { reason }, caller))).code).toBe('WB_DELIVERY_STATE');
    expect((await refusal(skipDelivery(ports, 'dlv_1', {}, caller))).code).toBe('WB_SCHEMA_VIOLATION');
    expect((await refusal(retryDelivery(ports, 'dlv_none', {}, caller))).code).toBe('WB_DELIVERY_UNKNOWN');
    expect(fake.world.facts).toEqual([]);
  });
});
