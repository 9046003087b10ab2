import { type EventId, type DueDelivery, dueDeliverySchema } from '@waybill/contracts';
import type { OrderedLanes } from './ordering/ordered-lanes.ts';
import type { AttemptDelivery } from './attempt-delivery.ts';
import type { Payload } from './payload.ts';
import { type MessageEnd, messageEndOf, payloadFrom, readPlan } from './deliver-plan.ts';
import { owedSinceMs } from '../domain/owed-since.ts';
import { isDispatch } from '../domain/dispatch/dispatch-endpoint.ts';

/** Reads the body of one message of a stream; undefined when the stream does not hold it any more. Rejects when the stream cannot be asked. */
export type ReadMessage = (stream: string, seq: number) => Promise<Uint8Array | undefined>;

/** A plan that was made at `madeSinceMs` or later, and was there at `knownSinceMs`, both in ms since 1970. */
export interface SoughtPlan {
  readonly eventId: EventId;
  readonly madeSinceMs: number;
  readonly knownSinceMs: number;
}

/**
 * Looks for the plans of an event in a stream whose messages may have other sequences than they had. Resolves with their sequences, the newest first: none
 * when they are lost; rejects while that cannot be known.
 */
export type FindPlan = (stream: string, sought: SoughtPlan) => Promise<readonly number[]>;

export interface RetryDuePorts {
  readonly attempts: Pick<AttemptDelivery, 'attempt' | 'putOff' | 'putBehind'>;
  readonly lanes: Pick<OrderedLanes, 'enter' | 'leave'>;
  /** Waits until everything that was done since this time is known. */
  readonly covered: (sinceMs: number) => Promise<void>;
  readonly readMessage: ReadMessage;
  readonly findPlan: FindPlan;
}

/** Makes the attempt that a fired schedule asks for. The payload is read from the plan only when the attempt may really start. */
export async function retryDue(ports: RetryDuePorts, body: Uint8Array): Promise<MessageEnd> {
  const due = readDue(body);
  if (due === undefined) return { kind: 'poison', reason: 'the schedule cannot be read' };
  ports.lanes.enter(due);
  try {
    return await makeAttempt(ports, due);
  } finally {
    ports.lanes.leave(due);
  }
}

async function makeAttempt(ports: RetryDuePorts, fired: DueDelivery): Promise<MessageEnd> {
  const { order } = fired;
  // From here on it waits for nobody, until that is found out again.
  const due = order === undefined ? fired : { ...fired, order: { ...order, waits: undefined } };
  if (order !== undefined && (await ports.attempts.putBehind(due))) return { kind: 'done' };
  await ports.covered(due.notBeforeMs ?? 0);
  const end = await ports.attempts.attempt(due, () => loadPayload(ports, due));
  if (end !== 'forbidden') return messageEndOf([end]);
  // Given back it would stand in the way of those that may be made.
  await ports.attempts.putOff(due);
  return { kind: 'done' };
}

/** Parses a fired schedule; undefined when it is not one. */
export function readDue(body: Uint8Array): DueDelivery | undefined {
  try {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    const parsed = dueDeliverySchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A stream that was made anew may hold something else at that sequence, and the plan at another: only a plan of this very event counts. */
async function loadPayload(ports: RetryDuePorts, due: DueDelivery): Promise<Payload | undefined> {
  const { plan, eventId, notBeforeMs } = due;
  const read = async (seq: number): Promise<Payload | undefined> => payloadOf(await ports.readMessage(plan.stream, seq), due);
  const there = await read(plan.seq);
  if (there !== undefined) return there;
  for (const seq of await ports.findPlan(plan.stream, { eventId, madeSinceMs: owedSinceMs(due) ?? 0, knownSinceMs: notBeforeMs ?? 0 })) {
    const elsewhere = await read(seq);
    if (elsewhere !== undefined) return elsewhere;
  }
  return undefined;
}

/** Any plan of an event holds its payload; what a dispatch has to call is only in the plan that asks for it. */
function payloadOf(body: Uint8Array | undefined, { eventId, deliveryId, endpointId }: DueDelivery): Payload | undefined {
  const plan = body === undefined ? undefined : readPlan(body);
  if (plan === undefined || plan.head.event.eventId !== eventId) return undefined;
  const payload = payloadFrom(plan, deliveryId, true);
  return isDispatch(endpointId) && payload.dispatch === undefined ? undefined : payload;
}
