import { newEventId } from '@waybill/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventTimeMs } from './event-time.ts';

describe('the time of an event', () => {
  it('is the one its id was made at', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 47 }), fc.uint8Array({ minLength: 10, maxLength: 10 }), (nowMs, random) => {
        expect(eventTimeMs(newEventId(nowMs, random), '2026-01-01T00:00:00Z')).toBe(nowMs);
      }),
    );
  });

  it('is the one its sender gave when the id tells none, and 1970 when nothing does', () => {
    expect(eventTimeMs('evt_1', undefined, '2026-01-01T02:00:00+02:00')).toBe(Date.UTC(2026, 0, 1));
    expect(eventTimeMs('evt_1', undefined, 'yesterday')).toBe(0);
  });
});
