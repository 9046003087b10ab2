import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newJobId, replayDeliveryId, timeOfId, type EventId, type EndpointId } from '../ids.ts';
import { JOB_CHANGES, jobChangedSchema, jobCreatedSchema, jobPlannedSchema, replayMsgId } from './facts.ts';
import { foldJob, isJobEnded, type Job, type JobFact, mayChangeJob } from './job.ts';

const at = '2026-11-21T10:00:00.000Z';
const jobId = newJobId(Date.parse(at), new Uint8Array(10));
const by = { actor: 'ana', reason: 'the receiver was down' };
const spec = { kind: 'replay', from: at, to: at, destinations: 'then' } as const;

const createdFact = (start: boolean): JobFact => ({
  type: 'job.created',
  fact: jobCreatedSchema.parse({ v: 1, jobId, region: 'eu', spec, ratePerSecond: 200, start, lists: [], by, at }),
});
const plannedFact: JobFact = {
  type: 'job.planned',
  fact: jobPlannedSchema.parse({ v: 1, jobId, deliveries: 3, events: 3, endpoints: [], endpointCount: 0, skipped: {}, stretches: [], at }),
};
const changedFact = (change: (typeof JOB_CHANGES)[number], ratePerSecond?: number): JobFact => ({
  type: 'job.changed',
  fact: jobChangedSchema.parse({ v: 1, jobId, change, ratePerSecond, by, at }),
});
const advancedFact = (done: number): JobFact => ({
  type: 'job.advanced',
  fact: { v: 1, jobId, place: { stream: 'LOG_EU', seq: done, item: 0 }, done, skipped: {}, at },
});
const endedFact = (how: 'done' | 'cancelled'): JobFact => ({ type: 'job.ended', fact: { v: 1, jobId, how, done: 3, skipped: {}, at } });

const folded = (...facts: readonly JobFact[]): Job | undefined =>
  facts.reduce<Job | undefined>((job, fact) => foldJob(job, fact), undefined);

describe('how a job stands', () => {
  it('waits for somebody to start it once it is planned', () => {
    expect(folded(createdFact(false))).toMatchObject({ state: 'planning', plan: undefined, done: 0 });
    expect(folded(createdFact(false), plannedFact)).toMatchObject({ state: 'planned', plan: { deliveries: 3 }, startedAt: undefined });
    expect(folded(createdFact(false), plannedFact, changedFact('start'))).toMatchObject({ state: 'running', startedAt: at });
  });

  it('runs as soon as it is planned when that was wanted', () => {
    expect(folded(createdFact(true), plannedFact)).toMatchObject({ state: 'running', startedAt: at });
  });

  it('is paused, goes on, and keeps how far it was', () => {
    const paused = [createdFact(true), plannedFact, advancedFact(2), changedFact('pause')] as const;
    expect(folded(...paused)).toMatchObject({ state: 'paused', done: 2, place: { seq: 2 } });
    expect(folded(...paused, changedFact('resume', 50))).toMatchObject({ state: 'running', ratePerSecond: 50 });
  });

  it('is over only when its planner says so: cancelled while it is planned, it never runs', () => {
    const cancelled = folded(createdFact(true), changedFact('cancel'), plannedFact);
    expect(cancelled).toMatchObject({ state: 'cancelling', plan: { deliveries: 3 } });
    expect(foldJob(cancelled, endedFact('cancelled'))).toMatchObject({ state: 'cancelled', endedAt: at });
  });

  it('knows nothing of a job that was not created', () => expect(folded(plannedFact)).toBeUndefined());

  it('stays as it ended, whatever comes afterwards', () => {
    const ended = folded(createdFact(true), plannedFact, endedFact('done'));
    for (const late of [createdFact(true), changedFact('resume'), advancedFact(1), endedFact('cancelled')])
      expect(foldJob(ended, late)).toBe(ended);
  });

  it('takes only commands that its state allows', () => {
    const facts = fc.constantFrom(plannedFact, advancedFact(1), ...JOB_CHANGES.map((change) => changedFact(change)));
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 12 }), fc.constantFrom(...JOB_CHANGES), (sequence, change) => {
        const job = folded(createdFact(false), ...sequence);
        if (job === undefined || isJobEnded(job)) throw new Error('nothing ended it');
        const next = foldJob(job, changedFact(change));
        if (!mayChangeJob(job.state, change)) expect(next).toBe(job);
        else if (change !== 'rate') expect(next?.state).not.toBe(job.state);
      }),
    );
  });
});

describe('what a job plans', () => {
  const [event, endpoint] = ['evt_01aaaaaaaaaaaaaaaaaaaaaaaa' as EventId, 'ep_1' as EndpointId];

  it('has delivery ids of its own, that begin with the time of the job and are the same each time', () => {
    const id = replayDeliveryId(jobId, event, endpoint);
    expect(timeOfId(id)).toBe(Date.parse(at));
    expect(replayDeliveryId(jobId, event, endpoint)).toBe(id);
    expect(id).toMatch(/^dlv_[0-9a-z]{42}$/);
    const others = [
      replayDeliveryId(newJobId(Date.parse(at), new Uint8Array(10).fill(1)), event, endpoint),
      replayDeliveryId(jobId, 'evt_2' as EventId, endpoint),
      replayDeliveryId(jobId, event, 'ep_2' as EndpointId),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });

  it('has Msg-Ids with the event where every plan has it', () => {
    expect(replayMsgId({ eventId: event, region: 'eu', jobId, itemId: 'dlv_1', n: 0 }).split(':')[1]).toBe(event);
  });
});
