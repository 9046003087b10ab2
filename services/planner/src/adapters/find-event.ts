import { eventRefusedSchema, parseFactSubject, planHeadSchema, splitRawData } from '@waybill/contracts';
import type { Incoming } from '@waybill/transport';
import { z } from 'zod';
import type { Found } from '../application/event-log.ts';

/** As much of a message as it takes to see which event it is about. */
export type StreamMessage = Pick<Incoming, 'subject' | 'body' | 'seq' | 'origin' | 'timestampMs'>;

/**
 * Tells what a message says of an event of region `of`; undefined when it is about another region's. Throws for a plan or refusal that cannot be read: no
 * planner writes one.
 */
export function finderFor(of: string): (message: StreamMessage) => Found | undefined {
  // Occurs in every plan and refusal of the region's events: most others are told by it without being parsed.
  const mark = `"region":${JSON.stringify(of)}`;
  return (message) => {
    const { seq: place, origin } = message;
    const type = parseFactSubject(message.subject)?.type;
    if (type === 'event.accepted' || type === 'run.completed') {
      const eventId = type === 'run.completed' ? eventIdOf(message.body) : undefined;
      return { kind: 'accepted', type, eventId, place, seq: origin?.seq ?? place, storedMs: message.timestampMs };
    }
    const body = Buffer.from(message.body.buffer, message.body.byteOffset, message.body.byteLength);
    if (!body.includes(mark)) return undefined;
    if (type !== 'plan.made') {
      const { region, seq } = eventRefusedSchema.parse(JSON.parse(body.toString('utf8')));
      return region === of ? { kind: 'refused', place, seq } : undefined;
    }
    const head = planHeadSchema.parse(splitRawData(body).head);
    // A job sent the event again: that says nothing of whether it was planned, or it was set aside before.
    if (head.replay !== undefined) return undefined;
    return head.event.region === of ? { kind: 'planned', place, seq: head.acceptedSeq, head } : undefined;
  };
}

const identifiedSchema = z.object({ eventId: z.string() });

/** Of most events it is never asked, so only runs, which are few, are parsed. */
function eventIdOf(body: Uint8Array): string | undefined {
  try {
    return identifiedSchema.parse(splitRawData(body).head).eventId;
  } catch {
    return undefined;
  }
}
