import { jobChangedSchema, jobCreatedSchema, type JobFact, newJobId } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { JobLedger } from './job-ledger.ts';

const at = '2026-01-01T00:00:00.000Z';
const jobId = newJobId(Date.parse(at), Buffer.alloc(10));
const by = { actor: 'spec', reason: 'spec' };
const spec = { kind: 'replay', from: at, to: at, destinations: 'then' } as const;
const created: JobFact = {
  type: 'job.created',
  fact: jobCreatedSchema.parse({ v: 1, jobId, region: 'us', spec, ratePerSecond: 1, start: false, lists: [], by, at }),
};
const planned: JobFact = {
  type: 'job.planned',
  fact: { v: 1, jobId, deliveries: 9, events: 9, endpoints: [], endpointCount: 0, skipped: {}, stretches: [], at },
};
const changed = (change: string): JobFact => ({
  type: 'job.changed',
  fact: jobChangedSchema.parse({ v: 1, jobId, change, by, at }),
});
const advanced: JobFact = {
  type: 'job.advanced',
  fact: { v: 1, jobId, place: { stream: 'LOG_US', seq: 3, item: 0 }, done: 1, skipped: {}, at },
};

describe('what is known of a job', () => {
  const ledger = new JobLedger();
  let seq = 0;
  const after = (fact: JobFact): unknown => {
    seq += 10;
    ledger.note(fact, { seq, storedMs: seq * 1_000 });
    const known = ledger.get(jobId);
    return [known?.job.state, known?.countedTo, known?.pausing];
  };

  it('tells behind which sequence its plans are not counted, and between which it stood', () => {
    expect(after(created)).toEqual(['planning', 10, undefined]);
    expect(after(planned)).toEqual(['planned', 20, undefined]);
    expect(after(changed('start'))).toEqual(['running', 30, undefined]);
    expect(after(changed('rate'))).toEqual(['running', 30, undefined]);
    expect(after(advanced)).toEqual(['running', 50, undefined]);
    expect(after(changed('pause'))).toEqual(['paused', 50, { sinceMs: 60_000, toSeq: undefined }]);
    expect(after(advanced)).toEqual(['paused', 70, { sinceMs: 60_000, toSeq: undefined }]);
    expect(after(changed('resume'))).toEqual(['running', 70, { sinceMs: 60_000, toSeq: 80 }]);
    expect(after(changed('rate'))).toEqual(['running', 70, { sinceMs: 60_000, toSeq: 80 }]);
    expect(after(changed('pause'))).toEqual(['paused', 70, { sinceMs: 100_000, toSeq: undefined }]);
  });
});
