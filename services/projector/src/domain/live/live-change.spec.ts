import { FACT_TYPES, parseFactSubject } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { SampleLog, sampleDeliveryId, sampleEventId } from '../../testing/sample-facts.ts';
import { fold } from '../fold.ts';
import { readFact, type StoredMessage } from '../read-fact.ts';
import { changeOf, type LiveChange } from './live-change.ts';
import { NOTHING_BEFORE } from './nothing-before.ts';

const RUN = sampleEventId(1);
const API = 'github:acme/api/cd.yml';
const DELIVERY = { id: sampleDeliveryId(1, 'ep_a'), eventId: RUN, tenantId: 'acme', endpointId: 'ep_a' };
const event = (state: string, eventType = 'order.paid') => ({ id: RUN, tenantId: 'acme', eventType, state });

/** What each fact alone changes for those who look. */
const CASES: readonly (readonly [name: string, write: (log: SampleLog) => void, change: LiveChange | undefined])[] = [
  ['event.accepted', (log) => void log.accepted(1), { events: [event('accepted')] }],
  ['run.completed', (log) => log.ranToEnd(1), { events: [event('accepted', 'github.workflow_run.completed')] }],
  ['event.refused', (log) => log.refused(1), { events: [event('refused')], deadLetters: [RUN] }],
  ['plan.made', (log) => void log.planned(1, ['ep_a']), { events: [event('planned')], deliveries: [{ ...DELIVERY, state: 'planned' }] }],
  [
    'delivery.attempted',
    (log) => log.attempted(1, 'ep_a', 1, { kind: 'delivered' }),
    { deliveries: [{ ...DELIVERY, state: 'delivered' }] },
  ],
  [
    'delivery.refused',
    (log) => log.deliveryRefused(1, 'ep_a'),
    { deliveries: [{ ...DELIVERY, state: 'dead_lettered' }], deadLetters: [DELIVERY.id] },
  ],
  ['region.changed', (log) => log.changed('eu', 'failed', 0), { regions: ['eu'] }],
  ['region.beat', (log) => log.beat(), undefined],
  ['region.spilled', (log) => log.spilled(true), { regions: ['local'] }],
  ['takeover.claimed', (log) => log.claimed('eu', [DELIVERY.id]), { regions: ['eu'] }],
  ['takeover.closed', (log) => log.closed('eu'), { regions: ['eu'] }],
  ['dispatch.decided', (log) => log.decided(1, [API]), { dispatches: [RUN] }],
  ['dispatch.intended', (log) => log.intended(1, API), { dispatches: [RUN] }],
  ['dispatch.settled', (log) => log.settled(1, API, { kind: 'started', how: 'answered' }), { dispatches: [RUN] }],
  ['dispatch.ended', (log) => log.runEnded(1, API, { runId: '7' }), { dispatches: [RUN] }],
  ['dispatch.reported', (log) => log.reported(1, { checkRunId: '5' }), { dispatches: [RUN] }],
  ['dispatch.swept', (log) => log.swept(0), { dispatches: [] }],
  ['delivery.instructed', (log) => log.instructed(1, 'ep_a', 'retry'), { deliveries: [], more: true }],
  ['dead_letter.discarded', (log) => log.discarded([DELIVERY.id]), { deadLetters: [DELIVERY.id] }],
  ['management.acted', (log) => log.acted('PUT /v1/tenants/:tenantId'), { audit: true }],
  ['intake.measured', (log) => log.measured([3]), { stats: true }],
];

const JOB_FACTS = FACT_TYPES.filter((type) => type.startsWith('job.'));
const messageOfJob = (type: (typeof FACT_TYPES)[number]): StoredMessage => ({
  subject: `wb.local.l.${type}`,
  body: Buffer.from(JSON.stringify({ v: 1, jobId: 'job_1' })),
  stream: 'LOG_LOCAL',
  seq: 1,
  timestampMs: 1,
});

const changed = (messages: readonly StoredMessage[]): LiveChange | undefined => {
  const facts = messages.map(readFact);
  expect(facts.map(({ kind }) => kind)).not.toContain('problem');
  return changeOf(facts, fold(NOTHING_BEFORE, facts));
};

describe('what a fact changes for those who follow', () => {
  it.each(CASES)('%s', (type, write, change) => {
    const log = new SampleLog();
    write(log);
    expect(log.messages.map(({ subject }) => parseFactSubject(subject)?.type)).toEqual([type]);
    expect(changed(log.messages)).toEqual(change);
  });

  it.each(JOB_FACTS)('%s', (type) => {
    expect(changed([messageOfJob(type)])).toEqual(type === 'job.listed' ? undefined : { jobs: ['job_1'] });
  });

  it('is said of every fact there is', () => {
    expect([...CASES.map(([type]) => type), ...JOB_FACTS].toSorted()).toEqual([...FACT_TYPES].toSorted());
  });
});
