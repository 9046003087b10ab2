import { type EventId, newEventId } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { acceptedAtMs } from './accepted-at.ts';

it.each([0, 1, 1_800_000_000_123, 2 ** 48])('reads %i out of the id that was made then', (ms) => {
  expect(acceptedAtMs(newEventId(ms, new Uint8Array(10).fill(255)))).toBe(ms);
});

it.each(['evt_1', 'dlv_01hzzzzzzzzzzzz', 'evt_01il0u0000zzzz'])('does not read %s', (id) => {
  expect(acceptedAtMs(id as EventId)).toBeUndefined();
});
