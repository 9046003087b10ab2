import { deliveryIdOf, type EndpointId, type EventId, type ListedItem, newEventId } from '@waybill/contracts';
import { PlannedEvents } from '../application/planned-events.ts';
import type { JobsInMemory } from './jobs-in-memory.ts';
import { toPlan } from './planner-in-memory.ts';

/** A dead letter of an event, whose delivery to `endpointId` failed. */
export function deadLetter(
  stream: string,
  event: { readonly eventId: EventId; readonly seq: number; readonly planSeq?: number },
  endpointId: EndpointId,
): ListedItem {
  const { eventId, seq, planSeq } = event;
  const of = {
    id: deliveryIdOf(eventId, endpointId),
    kind: 'delivery',
    eventId,
    tenantId: 'acme',
    endpointId,
    event: { stream, seq },
  } as const;
  return planSeq === undefined ? of : { ...of, plan: { stream, seq: planSeq } };
}

/** Makes events with dead letters. */
export class DeadLetters {
  readonly #jobs: JobsInMemory;
  #count = 0;

  constructor(jobs: JobsInMemory) {
    this.#jobs = jobs;
  }

  eventId(): EventId {
    return newEventId(this.#jobs.nowMs, Buffer.alloc(10, (this.#count += 1)));
  }

  /** One of an event that was planned as the registry is now. */
  async one(endpointId: EndpointId, change: object = {}): Promise<ListedItem> {
    const { planner } = this.#jobs;
    const eventId = this.eventId();
    const event = planner.accept(eventId, change);
    await planner.appender.appendMissing(toPlan(event), new PlannedEvents(10));
    return deadLetter(planner.log.name, { eventId, seq: event.seq, planSeq: event.seq + 1 }, endpointId);
  }

  async several(count: number, endpointId: EndpointId): Promise<ListedItem[]> {
    const items: ListedItem[] = [];
    for (let index = 0; index < count; index += 1) items.push(await this.one(endpointId));
    return items;
  }

  /** An event that was set aside. */
  refused(change: object): ListedItem {
    const { planner } = this.#jobs;
    const eventId = this.eventId();
    const { seq } = planner.accept(eventId, change);
    return { id: eventId, kind: 'event', eventId, tenantId: 'acme', event: { stream: planner.log.name, seq } };
  }
}
