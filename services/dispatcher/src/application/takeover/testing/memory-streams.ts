import {
  type DeliveryId,
  deliveryIdOf,
  type EndpointId,
  type EventId,
  type RegionChanged,
  type TakeoverClaimed,
  type TakeoverClosed,
  type TenantId,
  timeOfId,
  type DueDelivery,
} from '@waybill/contracts';
import type { KnownAttempt } from '../../../domain/delivery-task.ts';
import type { PlannedDelivery } from '../../../domain/takeover/open-deliveries.ts';
import type { Evidence, History, Mark, Schedules, TakeoverFacts, Visit } from '../takeover-ports.ts';

/** What a LOG holds here, without the rest of the real facts. */
export type Fact =
  | {
      readonly type: 'plan';
      readonly acceptedIn: string;
      readonly deliverIn: string;
      readonly eventId: EventId;
      readonly tenantId: TenantId;
      readonly revision: number;
      readonly order?: DueDelivery['order'];
    }
  | { readonly type: 'attempt'; readonly deliveryId: DeliveryId; readonly known: KnownAttempt }
  | { readonly type: 'claim'; readonly claim: TakeoverClaimed }
  | { readonly type: 'closed'; readonly closed: TakeoverClosed }
  | { readonly type: 'changed'; readonly change: RegionChanged };

export interface Stored {
  readonly seq: number;
  readonly storedMs: number;
  readonly by: string;
  readonly fact: Fact;
}

export const ENDPOINT = 'ep_1' as EndpointId;
export const idOf = (eventId: EventId): DeliveryId => deliveryIdOf(eventId, ENDPOINT);

/** The streams of one region. They outlive its processes, and keep time by the clock of the test. */
export class MemoryStreams {
  readonly region: string;
  readonly log: Stored[] = [];
  readonly peers: Stored[] = [];
  readonly schedules = new Map<DeliveryId, { due: DueDelivery; dueMs: number }>();
  /** Schedules that fired and are not settled. */
  readonly dues: DueDelivery[] = [];
  /** Plans that are settled, by stream and sequence. */
  readonly settled = new Set<string>();
  onAppend: ((stored: Stored) => void) | undefined;

  constructor(region: string) {
    this.region = region;
  }

  append(fact: Fact): Stored {
    const stored = { seq: this.log.length + 1, storedMs: Date.now(), by: this.region, fact };
    this.log.push(stored);
    this.onAppend?.(stored);
    return stored;
  }

  /** Takes a copy of another region's fact in. */
  copy({ by, fact }: Stored): void {
    this.peers.push({ seq: this.peers.length + 1, storedMs: Date.now(), by, fact });
  }

  all(): { readonly stream: 'log' | 'peers'; readonly stored: Stored }[] {
    const tag = (stream: 'log' | 'peers') => (stored: Stored) => ({ stream, stored });
    return [...this.peers.map(tag('peers')), ...this.log.map(tag('log'))];
  }

  fireDue(): void {
    for (const [deliveryId, { due, dueMs }] of this.schedules) {
      if (dueMs > Date.now()) continue;
      this.schedules.delete(deliveryId);
      this.dues.push(due);
    }
  }
}

/** Wraps what a process does, so that it may die before or after any of it. */
export type Step = <T>(name: string, work: () => T) => Promise<T>;

export function planned({ by, seq, fact }: Stored, stream: string): PlannedDelivery[] {
  if (fact.type !== 'plan') return [];
  const { eventId, tenantId, deliverIn, revision: registryRevision, order } = fact;
  const about = { eventId, tenantId, endpointId: ENDPOINT, correlationId: eventId, planner: by, registryRevision, deliverIn, order };
  return [{ deliveryId: idOf(eventId), ...about, madeMs: timeOfId(eventId) ?? 0, position: { stream, seq } }];
}

function evidenceOf(stored: Stored, stream: string): Evidence | undefined {
  const { by, fact } = stored;
  if (fact.type === 'plan') return { kind: 'plan', by, acceptedIn: fact.acceptedIn, deliveries: planned(stored, stream) };
  if (fact.type === 'attempt') return { kind: 'attempt', by, deliveryId: fact.deliveryId, known: fact.known };
  return fact.type === 'claim' ? { kind: 'claim', claim: fact.claim } : undefined;
}

export function memoryHistory(streams: MemoryStreams, step: Step): History {
  const visitAll = (visit: Visit, isWanted: (stored: Stored, stream: 'log' | 'peers') => boolean): Stored[] => {
    const found = streams.all().filter(({ stored, stream }) => isWanted(stored, stream) && evidenceOf(stored, stream) !== undefined);
    for (const { stored, stream } of found) {
      const fact = evidenceOf(stored, stream);
      if (fact !== undefined) visit(fact);
    }
    return found.map(({ stored }) => stored);
  };
  const end = (): Mark => ({ log: streams.log.length + 1, peers: streams.peers.length + 1 });
  const unsettled = (): number[] =>
    streams.all().flatMap(({ stored: { fact, seq }, stream }) => {
      const isMine = fact.type === 'plan' && fact.deliverIn === streams.region && !streams.settled.has(`${stream} ${seq}`);
      return isMine ? [timeOfId(fact.eventId) ?? 0] : [];
    });
  return {
    present: () =>
      step('read', () => ({ end: end(), beginsMs: Math.min(Date.now(), ...streams.all().map(({ stored }) => stored.storedMs)) })),
    readBack: (fromMs, before, visit) =>
      step('read', () => {
        const first = { ...before };
        const read = visitAll(visit, ({ seq, storedMs }, stream) => {
          const isIn = storedMs >= fromMs && seq < before[stream];
          if (isIn) first[stream] = Math.min(first[stream], seq);
          return isIn;
        });
        return { before: first, messages: read.length };
      }),
    readAhead: (of, after, visit) =>
      step('read', () => {
        visitAll(visit, ({ seq, by, fact }, stream) => {
          if (seq < after[stream]) return false;
          if (fact.type === 'plan') return fact.deliverIn === of;
          return stream === 'peers' && (fact.type === 'claim' || (fact.type === 'attempt' && by === of));
        });
        return end();
      }),
    readPlans: (fromMs, visit) =>
      step('read', () => void visitAll(visit, ({ storedMs, fact }) => fact.type === 'plan' && storedMs >= fromMs)),
    readEnds: ({ of, fromMs, before = Number.POSITIVE_INFINITY }, visit) =>
      step('read', () => {
        visitAll(visit, ({ seq, by, storedMs, fact }, stream) => {
          const isIn = stream === 'peers' && storedMs >= fromMs && seq < before;
          return isIn && fact.type === 'attempt' && (of === undefined || by === of);
        });
      }),
    oldestUnsettledMs: () =>
      step('read', () => {
        const times = [...unsettled(), ...streams.dues.map(({ eventId }) => timeOfId(eventId) ?? 0)];
        return times.length === 0 ? undefined : Math.min(...times);
      }),
  };
}

export function memoryFacts(streams: MemoryStreams, step: Step): TakeoverFacts {
  const facts = <T>(pick: (stored: Stored) => T | undefined): T[] => streams.all().flatMap(({ stored }) => pick(stored) ?? []);
  return {
    claims: () => step('read', () => facts(({ fact }) => (fact.type === 'claim' ? fact.claim : undefined))),
    closed: () => step('read', () => facts(({ fact }) => (fact.type === 'closed' ? fact.closed : undefined))),
    changes: () =>
      step('read', () => facts(({ by, seq, fact }) => (fact.type === 'changed' ? { by, seq, change: fact.change } : undefined))),
    appendClaimed: (claim) => step('claim', () => void streams.append({ type: 'claim', claim })),
    appendClosed: (closed) => step('close', () => void streams.append({ type: 'closed', closed })),
    appendChanged: (change) => step('tell', () => void streams.append({ type: 'changed', change })),
  };
}

export function memorySchedules(streams: MemoryStreams, step: Step): Schedules {
  return {
    scheduleDue: (due, dueMs) => step('schedule', () => void streams.schedules.set(due.deliveryId, { due, dueMs })),
    has: (deliveryId) => step('read', () => streams.schedules.has(deliveryId)),
    pending: () => step('read', () => new Set(streams.schedules.keys())),
    fireNow: (deliveryId) =>
      step('fire', () => {
        const schedule = streams.schedules.get(deliveryId);
        if (schedule !== undefined) streams.schedules.set(deliveryId, { ...schedule, dueMs: Date.now() });
      }),
  };
}
