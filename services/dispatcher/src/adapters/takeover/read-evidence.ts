import {
  deliveryAttemptedSchema,
  deliveryRefusedSchema,
  type FactSubject,
  HEADERS,
  parseFactSubject,
  type PlanHead,
  takeoverClaimedSchema,
} from '@waybill/contracts';
import type { Incoming } from '@waybill/transport';
import { marksOf, readPlan } from '../../application/deliver-plan.ts';
import type { Evidence } from '../../application/takeover/takeover-ports.ts';

/** A refusal carries no attempt number; it ended the delivery, which is all that counts. */
const ENDED = Number.MAX_SAFE_INTEGER;

/** Reads a fact about deliveries from a LOG or PEERS; undefined for anything else, and for what cannot be read. */
export function readEvidence(message: Incoming): Evidence | undefined {
  const subject = parseFactSubject(message.subject);
  if (subject === undefined) return undefined;
  if (subject.type === 'plan.made') {
    const plan = readPlan(message.body);
    return plan === undefined ? undefined : planEvidence(subject, plan.head, message);
  }
  return otherEvidence(subject, jsonOf(message.body));
}

function otherEvidence({ type, region: by }: FactSubject, body: unknown): Evidence | undefined {
  switch (type) {
    case 'delivery.attempted': {
      const { data } = deliveryAttemptedSchema.safeParse(body);
      return data === undefined
        ? undefined
        : { kind: 'attempt', by, deliveryId: data.deliveryId, known: { attempt: data.attempt, next: data.next } };
    }
    case 'delivery.refused': {
      const { data } = deliveryRefusedSchema.safeParse(body);
      return data === undefined
        ? undefined
        : { kind: 'attempt', by, deliveryId: data.deliveryId, known: { attempt: ENDED, next: data.next } };
    }
    case 'takeover.claimed': {
      const { data } = takeoverClaimedSchema.safeParse(body);
      // A region speaks for itself only.
      return data?.by === by ? { kind: 'claim', claim: data } : undefined;
    }
    default:
      return undefined;
  }
}

function planEvidence({ region: by }: FactSubject, head: PlanHead, message: Incoming): Evidence {
  const { stream, seq } = message;
  const { eventId, tenantId, correlationId, region: acceptedIn } = head.event;
  const about = { eventId, tenantId, correlationId, planner: by, registryRevision: head.registryRevision, deliverIn: head.region };
  const madeMs = Date.parse(head.at);
  const traceparent = message.header(HEADERS.traceparent);
  const trace = traceparent === '' ? {} : { trace: traceparent };
  const made = { ...about, ...marksOf(head), ...trace, madeMs, position: { stream, seq } };
  const deliveries = head.deliveries.map((ids) => ({ ...ids, ...made }));
  return { kind: 'plan', by, acceptedIn, deliveries };
}

/** The JSON of a message; undefined when it is none. */
export function jsonOf(body: Uint8Array): unknown {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
    return parsed;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
