import { z } from 'zod';
import { CANARY, type SignedRequest } from './canary-event.ts';
import type { Door } from './rounds.ts';
import type { DoorAnswer } from './watch.ts';

/** As long as a door may take. */
export const ANSWER_BUDGET_MS = 5_000;

const answerSchema = z.object({
  id: z.string().optional(),
  code: z
    .string()
    .regex(/^WB_[A-Z_]+$/)
    .optional(),
});

/** Sends one event to a door, without following redirects. Resolves within the budget, or when `signal` aborts; never rejects. */
export async function sendEvent({ url }: Door, { headers, body }: SignedRequest, signal: AbortSignal): Promise<DoorAnswer> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_BUDGET_MS)]);
  try {
    const response = await fetch(`${url}/webhooks/${CANARY.source}`, { method: 'POST', headers, body, redirect: 'manual', signal: within });
    const { id, code } = read(await response.text());
    return { status: response.status, eventId: response.ok ? id : undefined, reason: code };
  } catch (error) {
    return { status: 0, reason: reasonOf(error) };
  }
}

function read(text: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.catch({}).parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** `TimeoutError`, `ECONNREFUSED` and the like; never a message, which may name addresses. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
}
