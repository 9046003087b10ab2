import { type DeliveryInstructed, deliveryIdOf, type DueDelivery, type EndpointId, newEventId, type TenantId } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { Instructions, type PendingSchedule } from './instructions.ts';

const START_MS = Date.parse('2026-11-21T10:00:00.000Z');
const ids = { eventId: newEventId(START_MS, new Uint8Array(10)), tenantId: 'acme' as TenantId, endpointId: 'ep_1' as EndpointId };
const deliveryId = deliveryIdOf(ids.eventId, ids.endpointId);
const plan = { stream: 'LOG_US', seq: 1 };
const due: DueDelivery = { v: 1, ...ids, deliveryId, scope: 'g', attempt: 3, parked: 2, notBeforeMs: START_MS + 60_000, plan };

let nowMs: number;
let pending: PendingSchedule | undefined;
let written: { due: DueDelivery; dueMs: number }[];
let instructions: Instructions;

beforeEach(() => {
  nowMs = START_MS;
  pending = { due, storedMs: START_MS - 1_000 };
  written = [];
  instructions = open();
});
const open = (): Instructions =>
  new Instructions({
    find: async () => pending,
    scheduleDue: async (scheduled, dueMs) => {
      written.push({ due: scheduled, dueMs });
      pending = { due: scheduled, storedMs: nowMs + 1 };
    },
    nowMs: () => nowMs,
  });
const fact = (instruction: 'retry' | 'skip'): DeliveryInstructed => {
  const by = { actor: 'ops', reason: 'the receiver is well again' };
  return { v: 1, instruction, ...ids, deliveryId, region: 'us', by, at: new Date(START_MS).toISOString() };
};

describe('an instruction of an operator', () => {
  it.each(['retry', 'skip'] as const)('to %s has the schedule fire now, from when on the attempt may have been made', async (what) => {
    instructions.note(fact(what));
    await instructions.step();
    const mark = what === 'skip' ? { skip: true } : {};
    expect(written).toEqual([{ due: { ...due, ...mark, notBeforeMs: START_MS }, dueMs: START_MS }]);
  });

  it.each(['retry', 'skip'] as const)('to %s that is read again after a crash changes nothing', async (what) => {
    instructions.note(fact(what));
    await instructions.step();
    nowMs += 5_000;
    const again = open();
    again.note(fact(what));
    await again.step();
    expect(written).toHaveLength(1);
  });

  it('to skip is given again when somebody scheduled the delivery anew without having seen it, and not for ever', async () => {
    instructions.note(fact('skip'));
    await instructions.step();
    pending = { due, storedMs: nowMs + 500 };
    nowMs += 1_000;
    await instructions.step();
    expect(written.map(({ due: { skip } }) => skip)).toEqual([true, true]);
    pending = undefined;
    for (let round = 0; round < 10; round += 1, nowMs += 60_000) await instructions.step();
    expect([written.length, instructions.size]).toEqual([2, 0]);
  });

  it('to retry is void once the delivery was tried since; to skip it counts as long as there is no end', async () => {
    pending = { due, storedMs: START_MS + 1 };
    instructions.note(fact('retry'));
    await instructions.step();
    expect(written).toEqual([]);
    instructions.note(fact('skip'));
    await instructions.step();
    expect(written).toMatchObject([{ due: { skip: true } }]);
  });

  it('waits for a schedule while the delivery is just being tried, and not for ever', async () => {
    pending = undefined;
    instructions.note(fact('skip'));
    await instructions.step();
    pending = { due, storedMs: START_MS + 10 };
    await instructions.step();
    expect(written).toEqual([]);
    nowMs += 1_000;
    await instructions.step();
    expect(written).toHaveLength(1);
    pending = undefined;
    instructions.note(fact('skip'));
    for (let round = 0; round < 10; round += 1, nowMs += 60_000) await instructions.step();
    expect(instructions.size).toBe(0);
  });

  it('counts for nothing when it is old', () => {
    nowMs = START_MS + 3_600_001;
    instructions.note(fact('skip'));
    expect(instructions.size).toBe(0);
  });
});
