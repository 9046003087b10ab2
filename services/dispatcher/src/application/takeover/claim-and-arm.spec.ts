import { deliveryIdOf, type DueDelivery, type EndpointId, newEventId, type TenantId } from '@waybill/contracts';
import { expect, it } from 'vitest';
import type { OpenDelivery } from '../../domain/takeover/open-deliveries.ts';
import { ClaimAndArm } from './claim-and-arm.ts';

const START_MS = Date.parse('2026-11-21T10:00:00.000Z');
const endpointId = 'ep_1' as EndpointId;

function open(n: number, more: Partial<OpenDelivery>): OpenDelivery {
  const eventId = newEventId(START_MS, new Uint8Array(10).fill(n));
  const ids = { eventId, deliveryId: deliveryIdOf(eventId, endpointId), endpointId, tenantId: 'acme' as TenantId, correlationId: eventId };
  const made = { planner: 'us', registryRevision: 1, deliverIn: 'us', madeMs: START_MS, position: { stream: 'PEERS_EU', seq: n } };
  return { ...ids, ...made, eventMs: START_MS, last: undefined, ...more };
}

it('what is taken over keeps the marks of its plan, and whoever comes first in its lane is armed first', async () => {
  const armed: DueDelivery[] = [];
  const claimed: string[] = [];
  const claimAndArm = new ClaimAndArm({
    region: 'eu',
    facts: { appendClaimed: async ({ deliveryIds }) => void claimed.push(...deliveryIds) },
    schedules: { scheduleDue: async (due) => void armed.push(due) },
    elsewhere: { claimBack: () => undefined },
    nowMs: () => START_MS,
  });
  const order = (seq: number) => ({ order: { key: 'k', region: 'us', seq } });
  const all = [open(1, order(30)), open(2, { replay: 'job_1', trace: '00-a-b-01' }), open(3, order(10)), open(4, order(20))];
  const claim = { of: 'us', epoch: 2, notBeforeMs: START_MS, mayTake: () => true };
  expect(await claimAndArm.take(all, claim)).toBe(4);
  expect(armed.flatMap((due) => due.order?.seq ?? [])).toEqual([10, 20, 30]);
  expect(armed.filter(({ replay }) => replay === 'job_1')).toMatchObject([{ deliveryId: all[1]?.deliveryId, trace: '00-a-b-01' }]);
  expect(claimed).toEqual(armed.map(({ deliveryId }) => deliveryId));
});
