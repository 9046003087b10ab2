import { describe, expect, it } from 'vitest';
import type { DeliveryId } from './ids.ts';
import { FACT_TYPES, parseFactSubject, streamNames, subjects } from './subjects.ts';

describe('subjects', () => {
  it.each(FACT_TYPES.filter((type) => type !== 'plan.made'))('builds and parses %s', (type) => {
    expect(parseFactSubject(subjects.fact('us-central1', 'g', type))).toEqual({ region: 'us-central1', scope: 'g', type });
  });

  it('names in a plan the region that delivers', () => {
    expect(parseFactSubject(subjects.plan('us-central1', 'l', 'europe-west1'))).toEqual({
      region: 'us-central1',
      scope: 'l',
      type: 'plan.made',
      deliverIn: 'europe-west1',
    });
  });

  it.each(['', 'wb.eu.g', 'wb.eu.x.event.accepted', 'wb.eu.g.event.accepted.evt_1', 'wb.eu.g.plan.made', 'other.eu.g.event.accepted'])(
    'does not take %j for a fact',
    (subject) => {
      expect(parseFactSubject(subject)).toBeUndefined();
    },
  );

  it('keeps retries out of the log', () => {
    const schedule = subjects.retrySchedule('eu', 'dlv_1' as DeliveryId);
    expect(parseFactSubject(schedule)).toBeUndefined();
    expect(schedule).not.toBe(subjects.retryDue('eu'));
  });

  it('names streams that nats-server allows', () => {
    expect(streamNames('us-central1')).toEqual({ log: 'LOG_US_CENTRAL1', peers: 'PEERS_US_CENTRAL1', retry: 'RETRY_US_CENTRAL1' });
  });
});
