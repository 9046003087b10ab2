import { type ByWhom, type DeadLettersDiscarded, MOST_DISCARDED, type Scope } from '@waybill/contracts';
import { z } from 'zod';
import { byWhomWithReason, type Caller, reasonSchema } from '../by-whom.ts';
import { type JobPorts, refuseOverlap, refuseWorkedOn } from '../jobs/job-ports.ts';
import { parseWith } from '../parse-with.ts';
import { checkChoice, type Choice, type ChoicePorts, choiceShape, chosen } from './choose.ts';

/** The body of `POST /v1/dead-letters/discard`. */
export const discardBodySchema = z.strictObject({ ...choiceShape, reason: reasonSchema.optional() }).meta({ id: 'Discard' });
export const discardedSchema = z.object({ discarded: z.int() }).meta({ id: 'Discarded' });

export type DiscardPorts = ChoicePorts & JobPorts;

/**
 * Says of dead letters that nobody wants them any more, part by part: after an error or a crash those of the first parts are discarded, and the same
 * command goes on with the others. What a job is about to try again is not discarded. Throws what `checkChoice`, `chosen` and `refuseOverlap` do,
 * WB_NATS_AWAY, WB_LOG_FULL.
 */
export function discard(ports: DiscardPorts, body: unknown, caller: Caller): Promise<{ discarded: number }> {
  return ports.inTurn.run('redrive', async () => {
    const { reason, ...asked } = parseWith(discardBodySchema, body);
    const by = byWhomWithReason(caller, reason);
    const choice = await checkChoice(ports, asked);
    if (choice.ids === undefined) await refuseOverlap(ports, { kind: 'redrive', ...choice, dispatches: false });
    return { discarded: await discardNow(ports, choice, by) };
  });
}

/** Resolves with how many. */
async function discardNow(ports: DiscardPorts, choice: Choice, by: ByWhom): Promise<number> {
  const mark = ports.newMark();
  let [discarded, parts] = [0, 0];
  const waiting: Record<Scope, string[]> = { g: [], l: [] };
  const append = async (scope: Scope): Promise<void> => {
    const ids = waiting[scope].splice(0, MOST_DISCARDED);
    const fact: DeadLettersDiscarded = { v: 1, region: ports.regions.region, ids, by, at: new Date(ports.nowMs()).toISOString() };
    await ports.append({ type: 'dead_letter.discarded', scope, msgId: `discarded:${mark}:${parts}`, body: fact });
    parts += 1;
    discarded += ids.length;
  };
  const scopes = ['g', 'l'] as const;
  for await (const page of chosen(ports, choice)) {
    if (choice.ids !== undefined) await refuseWorkedOn(ports, page);
    for (const { id, scope } of page) waiting[scope].push(id);
    for (const scope of scopes) while (waiting[scope].length >= MOST_DISCARDED) await append(scope);
  }
  for (const scope of scopes) if (waiting[scope].length > 0) await append(scope);
  return discarded;
}
