import {
  deadLettersDiscardedSchema,
  deliveryAttemptedSchema,
  deliveryRefusedSchema,
  dispatchDecidedSchema,
  dispatchSettledSchema,
  eventRefusedSchema,
  type FactSubject,
  type FactType,
  HEADERS,
  parseFactSubject,
  planHeadSchema,
  splitRawData,
  takeoverClaimedSchema,
} from '@waybill/contracts';
import type { Incoming } from '@waybill/transport';
import { z } from 'zod';
import { type AuditFact, placeId } from './audit-fact.ts';

type Place = Pick<AuditFact, 'by' | 'scope' | 'storedMs' | 'position'> & { readonly originSeq: number };

/**
 * Reads a fact from a LOG or PEERS; undefined for those that say nothing of events and deliveries. What cannot be read is `unreadable`, under the place that it
 * has in the LOG of the region that wrote it.
 */
export function readAuditFact(message: Incoming): AuditFact | undefined {
  const subject = parseFactSubject(message.subject);
  if (subject === undefined) return undefined;
  const { region: by, scope, type } = subject;
  const { stream, seq, timestampMs: storedMs } = message;
  const originSeq = message.origin?.seq ?? seq;
  const place = { by, scope, storedMs, position: { stream, seq }, originSeq };
  try {
    return isWithPayload(subject) ? readWithPayload(subject, message, place) : readOther(type, jsonOf(message.body), place);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof z.ZodError)) throw error;
    return { ...place, kind: 'unreadable', type, id: placeId(by, originSeq) };
  }
}

const isWithPayload = ({ type }: FactSubject): boolean => type === 'event.accepted' || type === 'run.completed' || type === 'plan.made';

/** Version 1 said `id`. */
const acceptedSchema = z.union([z.object({ eventId: z.string() }), z.object({ id: z.string() }).transform(({ id }) => ({ eventId: id }))]);

function readWithPayload({ type }: FactSubject, message: Incoming, place: Place): AuditFact {
  const { head } = splitRawData(message.body);
  if (type !== 'plan.made') {
    const { eventId } = acceptedSchema.parse(head);
    return { ...place, kind: 'accepted', eventId, key: message.header(HEADERS.idempotency) };
  }
  const { event, region: deliverIn, parts = 1, replay, deliveries, acceptedSeq, at } = planHeadSchema.parse(head);
  const { eventId, tenantId, region: acceptedIn, orderingKey } = event;
  const about = { eventId, tenantId, acceptedIn, acceptedSeq, orderingKey };
  return { ...place, ...about, kind: 'planned', deliverIn, parts, replay: replay?.jobId, deliveries, madeMs: Date.parse(at) };
}

function readOther(type: FactType, body: unknown, place: Place): AuditFact | undefined {
  switch (type) {
    case 'event.refused': {
      const { eventId, verdict, region, seq } = eventRefusedSchema.parse(body);
      return { ...place, kind: 'refused', eventId: eventId === '' ? placeId(region, seq) : eventId, verdict };
    }
    case 'delivery.attempted':
      return { ...place, kind: 'tried', ...deliveryAttemptedSchema.parse(body) };
    case 'delivery.refused':
      return { ...place, kind: 'tried', attempt: undefined, ...deliveryRefusedSchema.parse(body) };
    case 'takeover.claimed': {
      const { by, deliveryIds, at } = takeoverClaimedSchema.parse(body);
      // A region speaks for itself only.
      return by === place.by ? { ...place, kind: 'claimed', deliveryIds, atMs: Date.parse(at) } : undefined;
    }
    case 'dispatch.decided': {
      const { eventId, targets } = dispatchDecidedSchema.parse(body);
      const denied = targets.filter((target) => target.denied !== undefined).map(({ deliveryId }) => deliveryId);
      return { ...place, kind: 'decided', eventId, denied };
    }
    case 'dispatch.settled': {
      const { key, deliveryId, outcome } = dispatchSettledSchema.parse(body);
      return outcome.kind === 'started' ? { ...place, kind: 'started', key, deliveryId, runId: outcome.runId } : undefined;
    }
    case 'dead_letter.discarded':
      return { ...place, kind: 'discarded', ids: deadLettersDiscardedSchema.parse(body).ids };
    default:
      return undefined;
  }
}

function jsonOf(body: Uint8Array): unknown {
  const parsed: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  return parsed;
}
