import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sample } from '../testing/sample.ts';
import { readEnvelope } from './upcast.ts';

describe('reading envelopes of every version', () => {
  it.each(['envelope-v1', 'envelope-v2', 'envelope-v3', 'envelope-v3-only-to'])('still reads %s as version 3', (name) => {
    const stored = sample(name);
    const envelope = readEnvelope(stored, 'us-central1');
    expect(envelope).toMatchObject({ version: 3, eventType: 'order.paid', tenantId: 'acme', region: 'us-central1', data: { total: 12.5 } });
    expect(envelope.eventId).toBe(stored['eventId'] ?? stored['id']);
    expect(envelope.correlationId).toBe(envelope.eventId);
  });

  it('says of old events that their source is unknown', () => {
    expect(readEnvelope(sample('envelope-v1'), 'eu').source).toBe('unknown');
    expect(readEnvelope(sample('envelope-v3'), 'eu').source).toBe('api');
  });

  it('reads for whom alone an event is, where it says so', () => {
    expect(readEnvelope(sample('envelope-v3-only-to'), 'eu').onlyTo).toBe('ep_1');
    expect(readEnvelope(sample('envelope-v3'), 'eu')).not.toHaveProperty('onlyTo');
  });

  it('reads a newer version that allows it, and leaves out what it does not know', () => {
    const newer = readEnvelope({ ...sample('envelope-v3'), version: 4, minCompatible: 3, colour: 'blue' }, 'eu');
    expect(newer.version).toBe(4);
    expect(newer).not.toHaveProperty('colour');
  });

  it('accepts an older version declared for data in the shape of today', () => {
    expect(readEnvelope({ ...sample('envelope-v3'), version: 2 }, 'eu')).toMatchObject({
      version: 3,
      region: 'us-central1',
      source: 'api',
    });
    expect(readEnvelope({ ...sample('envelope-v3'), version: 1 }, 'eu').version).toBe(1);
  });

  it.each([{ ...sample('envelope-v3'), eventType: 'no spaces allowed' }, { ...sample('envelope-v2'), tenantId: 7 }, { version: 3 }])(
    'refuses a shape that is not what the version says',
    (stored) => {
      expect(() => readEnvelope(stored, 'eu')).toThrow();
    },
  );

  it('gives the same envelope when what it read is written and read again', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('envelope-v1', 'envelope-v2', 'envelope-v3'), (data, name) => {
        const once = readEnvelope({ ...sample(name), data }, 'eu');
        expect(readEnvelope({ ...once }, 'eu')).toEqual(once);
      }),
    );
  });
});
