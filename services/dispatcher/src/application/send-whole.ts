import type { BodyOutcome } from '@waybill/bodies';
import type { BodyRef, Scope } from '@waybill/contracts';
import { parkDelayMs } from '../domain/park-delay.ts';
import type { Channel, Sending, Told } from './channel.ts';

/** Gets a large payload from wherever it lies. Who gets it must release it. Rejects when this region's own NATS is away. */
export type HoldBody = (ref: BodyRef, scope: Scope) => Promise<BodyOutcome>;

export interface WholePorts {
  readonly holdBody: HoldBody;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** So long a payload is waited for that only a region which cannot be asked may have, counted from when the attempt was first due: past all retries. */
const LONGEST_WAIT_MS = 259_200_000;

/**
 * Sends a delivery, with its payload from the body store when that is where it lies. One that cannot be had for the time being is no attempt: it is put off,
 * and is lost only when no region has it, or when it was waited for for three days.
 */
export async function sendWhole({ holdBody, nowMs, random }: WholePorts, channel: Channel, sending: Sending): Promise<Told> {
  const { due, payload, mayDeliver } = sending;
  if (payload.bodyRef === undefined) return channel.send(sending);
  const found = await holdBody(payload.bodyRef, due.scope);
  if (found.kind === 'lost') return { kind: 'payload_lost' };
  if (found.kind === 'away') {
    const atMs = nowMs();
    if (atMs - (due.notBeforeMs ?? atMs) > LONGEST_WAIT_MS) return { kind: 'payload_lost' };
    return { kind: 'parked', dueMs: atMs + parkDelayMs(due.parked, random()) };
  }
  try {
    // Fetching it took time.
    return mayDeliver() ? await channel.send({ ...sending, payload: { ...payload, body: found.body } }) : { kind: 'forbidden' };
  } finally {
    found.release();
  }
}
