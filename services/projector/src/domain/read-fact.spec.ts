import { describe, expect, it } from 'vitest';
import { SampleLog, sampleEventId } from '../testing/sample-facts.ts';
import { readFact, type StoredMessage } from './read-fact.ts';

const at = { stream: 'LOG_LOCAL', seq: 5, timestampMs: 1_000 };
const message = (subject: string, body: string): StoredMessage => ({ ...at, subject, body: Buffer.from(body) });
const accepted = (head: object): StoredMessage =>
  message('wb.local.g.event.accepted', `${JSON.stringify(head).slice(0, -1)},"data":{"a":1}}`);

describe('readFact', () => {
  it('reads each kind of fact', () => {
    const log = new SampleLog();
    log.accepted(1);
    log.planned(1, ['ep_a']);
    log.refused(2);
    log.attempted(1, 'ep_a', 1, { kind: 'delivered' });
    log.deliveryRefused(1, 'ep_a');
    const kinds = ['event.accepted', 'plan.made', 'event.refused', 'delivery.attempted', 'delivery.refused'];
    expect(log.messages.map(readFact).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('reads an event of an earlier version', () => {
    const head = { version: 1, id: 'evt_1', type: 'order.paid', time: '2026-01-01T00:00:00Z', tenant: 'acme' };
    expect(readFact(accepted(head))).toMatchObject({
      kind: 'event.accepted',
      fact: { eventId: 'evt_1', tenantId: 'acme', source: 'unknown' },
    });
  });

  it('shows an event of a version it does not know', () => {
    const fact = readFact(
      accepted({ version: 9, minCompatible: 9, eventId: sampleEventId(1), tenantId: 'acme', eventType: { new: 'shape' } }),
    );
    expect(fact).toMatchObject({ kind: 'event.accepted', fact: { eventId: sampleEventId(1), eventType: '', region: 'local' } });
  });

  it('reads of a job only which one came further', () => {
    expect(readFact(message('wb.local.l.job.advanced', '{"v":1,"jobId":"job_1","done":3}'))).toMatchObject({
      kind: 'aside',
      fact: { jobId: 'job_1' },
    });
    expect(readFact(message('wb.local.l.job.listed', '{"v":1,"jobId":"job_1","items":[]}'))).toMatchObject({ fact: { jobId: undefined } });
  });

  it.each([
    ['a subject that is no fact', message('wb.local.g.something.else', '{}')],
    ['a body that is no JSON', message('wb.local.g.delivery.attempted', '{"v":1,')],
    ['a fact of another shape', message('wb.local.g.delivery.attempted', '{"v":2}')],
    ['an event without an id', accepted({ version: 3 })],
  ])('makes %s a problem with its place', (_name, stored) => {
    expect(readFact(stored)).toMatchObject({ kind: 'problem', seq: 5, subject: stored.subject });
  });
});
