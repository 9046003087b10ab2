import {
  deliveryAttemptedSchema,
  deliveryRefusedSchema,
  dispatchDecidedSchema,
  dispatchEndedSchema,
  dispatchIntendedSchema,
  dispatchReportedSchema,
  dispatchSettledSchema,
  dispatchSweptSchema,
  eventRefusedSchema,
  type FactSubject,
  type FactType,
  parseFactSubject,
  planHeadSchema,
  readEnvelope,
  regionBeatSchema,
  regionChangedSchema,
  regionSpilledSchema,
  splitRawData,
  takeoverClaimedSchema,
  takeoverClosedSchema,
} from '@waybill/contracts';
import { z } from 'zod';
import type { AcceptedEvent, Fact, FactBody, Origin, Position } from './fact.ts';

/** A message as it lies in a stream. */
export interface StoredMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly stream: string;
  readonly seq: number;
  readonly timestampMs: number;
  /** Where a copy came from; absent: this is no copy. */
  readonly origin?: Origin | undefined;
}

/** Reads a message of a LOG or of PEERS. Never throws: what cannot be read becomes a `problem` that says why. */
export function readFact(message: StoredMessage): Fact {
  const { stream, seq, timestampMs: atMs, origin = { stream, seq } } = message;
  const position = { stream, seq, atMs, origin };
  const subject = parseFactSubject(message.subject);
  if (subject === undefined) return problem(position, message, 'the subject is not that of a fact');
  try {
    return { ...position, from: subject.region, scope: subject.scope, ...bodyOf(subject, message.body) };
  } catch (error) {
    return problem(position, message, error instanceof Error ? error.message : String(error));
  }
}

const LONGEST_REASON = 1_000;

function problem(position: Position & { readonly origin: Origin }, message: StoredMessage, reason: string): Fact {
  return { ...position, kind: 'problem', subject: message.subject, reason: reason.slice(0, LONGEST_REASON) };
}

function bodyOf(subject: FactSubject, body: Uint8Array): FactBody {
  switch (subject.type) {
    case 'event.accepted':
    case 'run.completed':
      return { kind: 'event.accepted', fact: readAccepted(splitRawData(body).head, subject.region) };
    case 'plan.made':
      return { kind: subject.type, fact: planHeadSchema.parse(splitRawData(body).head) };
    case 'event.refused':
      return { kind: subject.type, fact: eventRefusedSchema.parse(json(body)) };
    case 'delivery.attempted':
      return { kind: subject.type, fact: deliveryAttemptedSchema.parse(json(body)) };
    case 'delivery.refused':
      return { kind: subject.type, fact: deliveryRefusedSchema.parse(json(body)) };
    case 'region.changed':
      return { kind: subject.type, fact: regionChangedSchema.parse(json(body)) };
    case 'region.beat':
      return { kind: subject.type, fact: regionBeatSchema.parse(json(body)) };
    case 'region.spilled':
      return { kind: subject.type, fact: regionSpilledSchema.parse(json(body)) };
    case 'takeover.claimed':
      return { kind: subject.type, fact: takeoverClaimedSchema.parse(json(body)) };
    case 'takeover.closed':
      return { kind: subject.type, fact: takeoverClosedSchema.parse(json(body)) };
    case 'delivery.instructed':
    case 'dead_letter.discarded':
    case 'job.created':
    case 'job.listed':
    case 'job.planned':
    case 'job.changed':
    case 'job.advanced':
    case 'job.ended':
    case 'management.acted':
      return { kind: 'aside', fact: { type: subject.type } };
    default:
      return dispatchBodyOf(subject.type, body);
  }
}

function dispatchBodyOf(type: Extract<FactType, `dispatch.${string}`>, body: Uint8Array): FactBody {
  switch (type) {
    case 'dispatch.decided':
      return { kind: type, fact: dispatchDecidedSchema.parse(json(body)) };
    case 'dispatch.intended':
      return { kind: type, fact: dispatchIntendedSchema.parse(json(body)) };
    case 'dispatch.settled':
      return { kind: type, fact: dispatchSettledSchema.parse(json(body)) };
    case 'dispatch.ended':
      return { kind: type, fact: dispatchEndedSchema.parse(json(body)) };
    case 'dispatch.reported':
      return { kind: type, fact: dispatchReportedSchema.parse(json(body)) };
    case 'dispatch.swept':
      return { kind: type, fact: dispatchSweptSchema.parse(json(body)) };
  }
}

const decoder = new TextDecoder();
const json = (body: Uint8Array): unknown => JSON.parse(decoder.decode(body));

/** Enough to show an event of a version this reader does not know; the planner refuses it with its verdict. */
const foreignHeadSchema = z.looseObject({
  eventId: z.string().min(1),
  tenantId: z.string().catch(''),
  eventType: z.string().catch(''),
  source: z.string().catch('unknown'),
  region: z.string().optional().catch(undefined),
  correlationId: z.string().optional().catch(undefined),
  orderingKey: z.string().optional().catch(undefined),
  timestamp: z.string().optional().catch(undefined),
});

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function readAccepted(value: unknown, region: string): AcceptedEvent {
  if (!isRecord(value)) throw new TypeError('the envelope is not an object');
  try {
    return readEnvelope({ ...value, data: null }, region);
  } catch {
    const foreign = foreignHeadSchema.parse(value);
    return { ...foreign, region: foreign.region ?? region, correlationId: foreign.correlationId ?? foreign.eventId };
  }
}
