import { deliveryIdOf, type EndpointId, type EventId, type PlanHead, planHeadSchema } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { PlannedEvents } from './planned-events.ts';

const at = '2026-01-01T00:00:00.000Z';
const plan = (acceptedSeq: number, region: string, endpoints: string[], parts?: number): PlanHead =>
  planHeadSchema.parse({
    v: 1,
    event: { eventId: 'evt_1', eventType: 'a', tenantId: 'acme', source: 'api', region: 'us', timestamp: at, correlationId: 'c' },
    region,
    parts,
    acceptedSeq,
    registryRevision: 1,
    deliveries: endpoints.map((id) => ({ deliveryId: deliveryIdOf('evt_1' as EventId, id as EndpointId), endpointId: id })),
    at,
  });

describe('what was planned', () => {
  it('is whole when as many plans were seen as they speak of', () => {
    const planned = new PlannedEvents(10);
    planned.notePlan(plan(1, 'us', ['a'], 2));
    expect(planned.isWhole(1)).toBe(false);
    expect(planned.partOf(1)).toEqual({ regions: ['us'], deliveryIds: new Set([deliveryIdOf('evt_1' as EventId, 'a' as EndpointId)]) });
    planned.notePlan(plan(1, 'us', ['a'], 2));
    expect(planned.isWhole(1)).toBe(false);
    planned.notePlan(plan(1, 'eu', ['b'], 2));
    expect(planned.isWhole(1)).toBe(true);
    expect(planned.partOf(1)).toBeUndefined();
  });

  it('is whole with one plan that speaks of no others, or with a refusal', () => {
    const planned = new PlannedEvents(10);
    planned.notePlan(plan(1, 'us', []));
    planned.noteWhole(2);
    expect([1, 2, 3].map((seq) => planned.isWhole(seq))).toEqual([true, true, false]);
  });

  it('counts a second plan for the same region', () => {
    const planned = new PlannedEvents(10);
    planned.notePlan(plan(1, 'us', ['a'], 2));
    planned.notePlan(plan(1, 'us', ['b'], 2));
    expect(planned.isWhole(1)).toBe(true);
  });

  it('believes the later plan, which knows of more', () => {
    const planned = new PlannedEvents(10);
    planned.notePlan(plan(1, 'us', ['a'], 2));
    planned.notePlan(plan(1, 'eu', ['b'], 3));
    expect(planned.isWhole(1)).toBe(false);
  });

  it('forgets the oldest', () => {
    const planned = new PlannedEvents(2);
    for (const seq of [1, 2, 3]) planned.noteWhole(seq);
    expect([1, 2, 3].map((seq) => planned.isWhole(seq))).toEqual([false, true, true]);
  });

  it('keeps all that was read of the time before beside as much as always, whatever the order it was read in', () => {
    const planned = new PlannedEvents(2);
    planned.recover([5, 4, plan(3, 'us', ['a'], 2), 1, 2]);
    planned.noteWhole(6);
    planned.noteWhole(7);
    expect([1, 2, 4, 5, 6, 7].every((seq) => planned.isWhole(seq))).toBe(true);
    expect(planned.partOf(3)?.regions).toEqual(['us']);
    planned.noteWhole(8);
    expect([1, 2].map((seq) => planned.isWhole(seq))).toEqual([false, true]);
  });
});
