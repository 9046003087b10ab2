import {
  deadLettersDiscardedSchema,
  deliveryAttemptedSchema,
  deliveryInstructedSchema,
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
  intakeMeasuredSchema,
  managementActedSchema,
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

function bodyOf({ type, region }: FactSubject, body: Uint8Array): FactBody {
  if (type === 'event.accepted' || type === 'run.completed')
    return { kind: 'event.accepted', fact: readAccepted(splitRawData(body).head, region) };
  if (type === 'plan.made') return { kind: type, fact: planHeadSchema.parse(splitRawData(body).head) };
  if (isOf('job', type)) return { kind: 'aside', fact: { type, jobId: jobIn(type, body) } };
  const fact = json(body);
  if (type === 'intake.measured') return { kind: type, fact: intakeMeasuredSchema.parse(fact) };
  if (isOf('dispatch', type)) return dispatchBodyOf(type, fact);
  if (isOf('region', type) || isOf('takeover', type)) return regionBodyOf(type, fact);
  return plainBodyOf(type, fact);
}

const aboutJobSchema = z.looseObject({ jobId: z.string() });

/** The job that a fact is about. What a job works on is long and shows nowhere before the job is made: it is not read. */
function jobIn(type: TypeOf<'job'>, body: Uint8Array): string | undefined {
  return type === 'job.listed' ? undefined : aboutJobSchema.safeParse(json(body)).data?.jobId;
}

type TypeOf<Noun extends string> = Extract<FactType, `${Noun}.${string}`>;
const isOf = <Noun extends string>(noun: Noun, type: FactType): type is TypeOf<Noun> => type.startsWith(`${noun}.`);

function plainBodyOf(type: 'event.refused' | TypeOf<'delivery' | 'dead_letter' | 'management'>, fact: unknown): FactBody {
  switch (type) {
    case 'event.refused':
      return { kind: type, fact: eventRefusedSchema.parse(fact) };
    case 'delivery.attempted':
      return { kind: type, fact: deliveryAttemptedSchema.parse(fact) };
    case 'delivery.refused':
      return { kind: type, fact: deliveryRefusedSchema.parse(fact) };
    case 'delivery.instructed':
      return { kind: type, fact: deliveryInstructedSchema.parse(fact) };
    case 'dead_letter.discarded':
      return { kind: type, fact: deadLettersDiscardedSchema.parse(fact) };
    case 'management.acted':
      return { kind: type, fact: managementActedSchema.parse(fact) };
  }
}

function regionBodyOf(type: TypeOf<'region' | 'takeover'>, fact: unknown): FactBody {
  switch (type) {
    case 'region.changed':
      return { kind: type, fact: regionChangedSchema.parse(fact) };
    case 'region.beat':
      return { kind: type, fact: regionBeatSchema.parse(fact) };
    case 'region.spilled':
      return { kind: type, fact: regionSpilledSchema.parse(fact) };
    case 'takeover.claimed':
      return { kind: type, fact: takeoverClaimedSchema.parse(fact) };
    case 'takeover.closed':
      return { kind: type, fact: takeoverClosedSchema.parse(fact) };
  }
}

function dispatchBodyOf(type: TypeOf<'dispatch'>, fact: unknown): FactBody {
  switch (type) {
    case 'dispatch.decided':
      return { kind: type, fact: dispatchDecidedSchema.parse(fact) };
    case 'dispatch.intended':
      return { kind: type, fact: dispatchIntendedSchema.parse(fact) };
    case 'dispatch.settled':
      return { kind: type, fact: dispatchSettledSchema.parse(fact) };
    case 'dispatch.ended':
      return { kind: type, fact: dispatchEndedSchema.parse(fact) };
    case 'dispatch.reported':
      return { kind: type, fact: dispatchReportedSchema.parse(fact) };
    case 'dispatch.swept':
      return { kind: type, fact: dispatchSweptSchema.parse(fact) };
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
  const { version, minCompatible = 1 } = value;
  const versions = { version: versionOf(version), minCompatible: versionOf(minCompatible) };
  try {
    return { ...readEnvelope({ ...value, data: null }, region), ...versions };
  } catch {
    const foreign = foreignHeadSchema.parse(value);
    return { ...foreign, region: foreign.region ?? region, correlationId: foreign.correlationId ?? foreign.eventId, ...versions };
  }
}

/** As it was written: an envelope of an old version is read as one of the newest. */
const versionOf = (value: unknown): number | undefined => (typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined);
