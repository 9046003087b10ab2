import type { BodyOutcome } from '@waybill/bodies';
import { describe, expect, it, vi } from 'vitest';
import { PlannerInMemory, toPlan } from '../testing/planner-in-memory.ts';
import { PayloadAway } from './payload-for-filters.ts';
import { PlannedEvents } from './planned-events.ts';

const bodyRef = { sha256: 'a'.repeat(64), bytes: 300_000, region: 'us' };
const release = vi.fn();
const held = (text: string): BodyOutcome => ({ kind: 'held', body: Buffer.from(text), release });

/** A planner with an endpoint that wants all, one that filters, and a large event. */
function planner(found: BodyOutcome) {
  const us = new PlannerInMemory('us');
  const holdBody = vi.fn(async () => found);
  us.holdBody = holdBody;
  us.endpoint('all');
  us.endpoint('filtered');
  const filtered = us.endpoints[1];
  if (filtered !== undefined) us.endpoints[1] = { ...filtered, filter: { total: { gte: 100 } } };
  const event = toPlan(us.accept('evt_1', { bodyRef }));
  return { us, holdBody, plan: () => us.appender.appendMissing(event, new PlannedEvents(10)) };
}

describe('an event whose payload lies in the body store', () => {
  it('is planned by what lies there when a filter asks, and its plan names it', async () => {
    const { us, plan } = planner(held('{"total":120}'));
    await plan();
    expect(us.plans()).toEqual([['evt_1', 'us', 'all,filtered', undefined]]);
    expect(us.log.plans()[0]?.event.bodyRef).toEqual(bodyRef);
    expect(release).toHaveBeenCalledTimes(1);
    const other = planner(held('{"total":99}'));
    await other.plan();
    expect(other.us.plans()).toEqual([['evt_1', 'us', 'all', undefined]]);
  });

  it('is planned without it when no filter asks', async () => {
    const { us, holdBody, plan } = planner(held('{}'));
    us.endpoints.pop();
    await plan();
    expect(us.plans()).toEqual([['evt_1', 'us', 'all', undefined]]);
    expect(holdBody).not.toHaveBeenCalled();
  });

  it('waits while only a region that cannot be asked may have it', async () => {
    const { us, plan } = planner({ kind: 'away', detail: 'eu does not answer' });
    await expect(plan()).rejects.toThrow(PayloadAway);
    expect(us.plans()).toEqual([]);
  });

  it('goes to all who may be owed it when it is lost: each delivery then tells of the loss', async () => {
    const { us, plan } = planner({ kind: 'lost', detail: '' });
    await plan();
    expect(us.plans()).toEqual([['evt_1', 'us', 'all,filtered', undefined]]);
  });
});
