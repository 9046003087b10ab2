import { setTimeout as sleep } from 'node:timers/promises';
import { subjects } from '@waybill/contracts';
import type { OutgoingMessage, Publish, Stored } from '@waybill/transport';
import type { AppendFact } from '../application/append-fact.ts';

const PUBLISH_TRIES = 3;
const AGAIN_MS = 500;

/** Publishes, and tries again for a moment: the Msg-Id makes a repeat harmless. */
export async function publishAgain(publish: Publish, message: OutgoingMessage): Promise<Stored> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await publish(message);
    } catch (error) {
      if (attempt === PUBLISH_TRIES) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

/** Appends facts to the LOG of `region`. */
export const appendFactTo =
  (publish: Publish, region: string): AppendFact =>
  ({ type, scope, msgId, body }) =>
    publishAgain(publish, { subject: subjects.fact(region, scope, type), body: JSON.stringify(body), msgId });
