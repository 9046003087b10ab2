import { joinRawData } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { readAccepted } from './read-accepted.ts';

const head = {
  version: 3,
  minCompatible: 2,
  eventId: 'evt_1',
  eventType: 'order.paid',
  timestamp: '2026-11-01T09:30:00.000Z',
  region: 'eu',
  tenantId: 'acme',
  source: 'api',
  correlationId: 'evt_1',
};
const schema = { version: 3, minCompatible: 2 };
const read = (change: object, raw = '{"total":1.0}'): ReturnType<typeof readAccepted> =>
  readAccepted(joinRawData({ ...head, ...change }, Buffer.from(raw)), 'eu', schema);

describe('reading accepted events', () => {
  it('leaves the payload as its bytes', () => {
    const reading = read({});
    expect(reading).toMatchObject({ kind: 'readable', event: head });
    expect(reading.kind === 'readable' && reading.data.toString()).toBe('{"total":1.0}');
  });

  it.each([
    [{ version: 1, minCompatible: 1 }, 'drop_incompatible'],
    [{ version: 9, minCompatible: 9 }, 'reader_too_old'],
  ])('sets %j aside with its verdict and who it is', (change, verdict) => {
    expect(read(change)).toMatchObject({
      kind: 'refused',
      verdict,
      about: { eventId: 'evt_1', tenantId: 'acme', eventType: 'order.paid', version: change.version },
      correlationId: 'evt_1',
    });
  });

  it('calls poison what is no event', () => {
    expect(readAccepted(Buffer.from('garbage'), 'eu', schema)).toMatchObject({ kind: 'refused', verdict: 'poison' });
    expect(read({ eventType: '' })).toMatchObject({ kind: 'refused', verdict: 'poison' });
    expect(read({ version: 'three' })).toMatchObject({ kind: 'refused', verdict: 'poison' });
  });
});
