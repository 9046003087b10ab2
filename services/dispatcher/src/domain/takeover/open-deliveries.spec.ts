import { type DeliveryId, deliveryIdOf, type EndpointId, type EventId, newEventId, type TenantId, timeOfId } from '@waybill/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownAttempt } from '../delivery-task.ts';
import { type Hold, newerHold } from './hold.ts';
import { CLOCK_MARGIN_MS, OpenDeliveries, type PlannedDelivery } from './open-deliveries.ts';

const F = 'us';
const REGIONS = [F, 'eu', 'ap'] as const;
const T0 = 1_700_000_000_000;
const ENDPOINT = 'ep_1' as EndpointId;

type Noted =
  | { readonly kind: 'plan'; readonly plan: PlannedDelivery }
  | { readonly kind: 'attempt'; readonly known: KnownAttempt }
  | { readonly kind: 'hold'; readonly hold: Hold };
/** A fact and when the region that reads it stored it. */
type Stored = Noted & { readonly deliveryId: DeliveryId; readonly storedMs: number };

const eventAt = (atMs: number, n = 0): EventId => newEventId(atMs, new Uint8Array(10).fill(n));
const idOf = (eventId: EventId): DeliveryId => deliveryIdOf(eventId, ENDPOINT);
const delivered: KnownAttempt = { attempt: 1, next: { kind: 'delivered' } };
const retried = (attempt: number, atMs = T0): KnownAttempt => ({ attempt, next: { kind: 'retry', at: new Date(atMs).toISOString() } });

function plan(eventId: EventId, more: Partial<PlannedDelivery> = {}): PlannedDelivery {
  const position = { stream: 'PEERS_EU', seq: 1 };
  const common = { eventId, tenantId: 'acme' as TenantId, endpointId: ENDPOINT, correlationId: eventId, registryRevision: 1, position };
  return { deliveryId: idOf(eventId), ...common, planner: F, deliverIn: F, madeMs: T0, ...more };
}

function note(open: OpenDeliveries, fact: Stored): void {
  if (fact.kind === 'plan') open.planned(fact.plan);
  else if (fact.kind === 'attempt') open.attempted(fact.deliveryId, fact.known);
  else open.held(fact.deliveryId, fact.hold);
}

describe('the deliveries that a region owes', () => {
  const eventId = eventAt(T0);
  const settled = (fill: (open: OpenDeliveries) => void) => {
    const open = new OpenDeliveries(F);
    fill(open);
    return open.settle(Number.NEGATIVE_INFINITY);
  };

  it('are those of its plans that have no end, with the newest attempt of whoever made it', () => {
    const [found] = settled((open) => {
      open.attempted(idOf(eventId), retried(2));
      open.planned(plan(eventId));
      open.attempted(idOf(eventId), retried(1));
    });
    expect(found).toMatchObject({ deliveryId: idOf(eventId), eventMs: T0, last: { attempt: 2 } });
  });

  it('are not those that ended, in whichever region and order', () => {
    const noteAll = [
      (open: OpenDeliveries) => open.planned(plan(eventId)),
      (open: OpenDeliveries) => open.attempted(idOf(eventId), delivered),
      (open: OpenDeliveries) => open.attempted(idOf(eventId), retried(7)),
    ];
    for (const order of [noteAll, noteAll.toReversed(), [...noteAll.slice(1), ...noteAll.slice(0, 1)]]) {
      const found = settled((open) => {
        for (const noteOne of order) noteOne(open);
      });
      expect(found).toEqual([]);
    }
  });

  it('belong to whoever holds them last', () => {
    const held = (...holds: Hold[]) =>
      settled((open) => {
        open.planned(plan(eventId));
        for (const hold of holds) open.held(idOf(eventId), hold);
      }).length;
    expect(held({ by: 'eu', atMs: T0 })).toBe(0);
    expect(held({ by: F, atMs: T0 + 1 }, { by: 'eu', atMs: T0 })).toBe(1);
    expect(held({ by: 'eu', atMs: T0 }, { by: F, atMs: T0 + 1 })).toBe(1);
  });

  it('are certain only when all is known that may have been stored since their event', () => {
    const open = new OpenDeliveries(F);
    open.planned(plan(eventId));
    expect(open.settle(T0 - CLOCK_MARGIN_MS + 1)).toEqual([]);
    expect(open.oldestUncertainMs).toBe(T0);
    expect(open.settle(T0 - CLOCK_MARGIN_MS)).toHaveLength(1);
    expect(open.settle(T0 - CLOCK_MARGIN_MS)).toEqual([]);
    expect(open.oldestUncertainMs).toBeUndefined();
  });

  it('of an id of another making are certain when the plan is that old', () => {
    const open = new OpenDeliveries(F);
    open.planned(plan('evt_1' as EventId));
    expect(open.settle(T0)).toEqual([]);
    expect(open.settle(T0 - CLOCK_MARGIN_MS)).toHaveLength(1);
  });
});

const HOUR = 3_600_000;
const regions = fc.constantFrom(...REGIONS);

/** What may happen to one event, each fact stored at any time after the event, up to the margin of the clocks. */
const histories = fc
  .array(
    fc.record({
      eventMs: fc.integer({ min: T0, max: T0 + 6 * HOUR }),
      plans: fc.array(fc.record({ planner: regions, deliverIn: regions, madeMs: fc.nat(9) }), { maxLength: 2 }),
      attempts: fc.array(fc.record({ attempt: fc.integer({ min: 1, max: 4 }), ends: fc.boolean() }), { maxLength: 3 }),
      holds: fc.array(fc.record({ by: regions, atMs: fc.nat(9) }), { maxLength: 3 }),
      delays: fc.array(fc.integer({ min: -CLOCK_MARGIN_MS, max: 3 * HOUR }), { minLength: 8, maxLength: 8 }),
    }),
    { maxLength: 12 },
  )
  .map((events) => events.flatMap((event, n) => factsOf(event, n)));

interface Drawn {
  readonly eventMs: number;
  readonly plans: readonly { planner: string; deliverIn: string; madeMs: number }[];
  readonly attempts: readonly { attempt: number; ends: boolean }[];
  readonly holds: readonly Hold[];
  readonly delays: readonly number[];
}

function factsOf({ eventMs, plans, attempts, holds, delays }: Drawn, n: number): Stored[] {
  const eventId = eventAt(eventMs, n);
  const facts: Noted[] = [
    ...plans.map((drawn) => ({ kind: 'plan', plan: plan(eventId, drawn) }) as const),
    ...attempts.map(({ attempt, ends }) => ({ kind: 'attempt', known: ends ? { ...delivered, attempt } : retried(attempt) }) as const),
    ...holds.map((hold) => ({ kind: 'hold', hold }) as const),
  ];
  return facts.map((fact, index) => ({ ...fact, deliveryId: idOf(eventId), storedMs: eventMs + (delays[index] ?? 0) }));
}

/** The whole fold, written as it is said: for each delivery all facts at once. */
function naive(facts: readonly Stored[]): string[] {
  const owed: string[] = [];
  for (const [deliveryId, about] of Map.groupBy(facts, (fact) => fact.deliveryId)) {
    const plans = about.flatMap((fact) => (fact.kind === 'plan' ? [fact.plan] : []));
    const [newest] = plans.toSorted((a, b) =>
      a.madeMs === b.madeMs ? `${b.planner} ${b.deliverIn}`.localeCompare(`${a.planner} ${a.deliverIn}`) : b.madeMs - a.madeMs,
    );
    const holds = about.flatMap((fact) => (fact.kind === 'hold' ? [fact.hold] : []));
    const owner = holds.length === 0 ? newest?.deliverIn : holds.reduce((one, other) => newerHold(one, other)).by;
    const attempts = about.flatMap((fact) => (fact.kind === 'attempt' ? [fact.known] : []));
    if (newest === undefined || owner !== F || attempts.some(({ next }) => next.kind !== 'retry')) continue;
    owed.push(`${deliveryId} ${Math.max(0, ...attempts.map(({ attempt }) => attempt))}`);
  }
  return owed.toSorted();
}

describe('reading back in chunks', () => {
  it('finds what the whole history says, each delivery once, and forgets what is certain', () => {
    fc.assert(
      fc.property(histories, fc.array(fc.integer({ min: -HOUR, max: 10 * HOUR }), { maxLength: 6 }), (facts, cuts) => {
        const open = new OpenDeliveries(F);
        const found: string[] = [];
        let untilMs = Number.POSITIVE_INFINITY;
        for (const fromMs of [...cuts.map((cut) => T0 + cut).toSorted((a, b) => b - a), Number.NEGATIVE_INFINITY]) {
          const chunk = facts.filter(({ storedMs }) => storedMs >= fromMs && storedMs < untilMs);
          for (const fact of chunk.toSorted((a, b) => a.storedMs - b.storedMs)) note(open, fact);
          for (const { deliveryId, last } of open.settle(fromMs)) found.push(`${deliveryId} ${last?.attempt ?? 0}`);
          const kept = new Set(
            facts.filter((fact) => (timeOfId(fact.deliveryId) ?? 0) < fromMs + CLOCK_MARGIN_MS).map((fact) => fact.deliveryId),
          );
          expect(open.size).toBeLessThanOrEqual(kept.size);
          untilMs = fromMs;
        }
        expect(found.toSorted()).toEqual(naive(facts));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the hold that counts', () => {
  const holds = fc.record({ by: regions, atMs: fc.nat(3) });
  it('does not depend on the order in which holds arrive', () => {
    fc.assert(
      fc.property(fc.array(holds, { minLength: 1, maxLength: 5 }), (all) => {
        const last = (some: readonly Hold[]) => some.reduce<Hold | undefined>((one, other) => newerHold(one, other), undefined);
        expect(last(all)).toEqual(last(all.toReversed()));
      }),
    );
  });
});
