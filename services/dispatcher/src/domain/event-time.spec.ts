import { newEventId } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { eventTimeMs } from './event-time.ts';

it.each([0, 1_700_000_000_123, 253_402_300_799_999])('reads back %i ms from the id of an event', (atMs) => {
  expect(eventTimeMs(newEventId(atMs, new Uint8Array(10)))).toBe(atMs);
});

it.each(['', 'evt_1', 'evt_0000000000iiiiiiiiiiiiiiii_x', 'evt_iiiiiiiiii0000000000000000'])('reads no time from %j', (id) => {
  expect(eventTimeMs(id)).toBeUndefined();
});
