import { type ByWhom, byWhomSchema } from '@waybill/contracts';
import { schemaViolation } from './parse-with.ts';

/** Who sends a command, as the headers of the request say; `reason` undefined: they give none. */
export interface Caller {
  readonly actor: string;
  readonly reason: string | undefined;
}

/** What a name is written with. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;
/** The name of somebody who sends commands. */
export const actorSchema = byWhomSchema.shape.actor.trim().regex(PRINTABLE, 'use 1 to 200 printable characters');

/** A reason in the body of a command. */
export const reasonSchema = byWhomSchema.shape.reason.trim();

/** Who does it and why: the body's own reason counts, then the header's. */
export const byWhom = ({ actor, reason }: Caller, inBody: string | undefined): ByWhom => ({
  actor,
  reason: inBody ?? reason ?? 'not given',
});

/** The same for a command that nobody may give without saying why. Throws WB_SCHEMA_VIOLATION. */
export function byWhomWithReason(caller: Caller, inBody: string | undefined): ByWhom {
  if ((inBody ?? caller.reason) === undefined) throw schemaViolation([{ path: 'reason', message: 'say why' }]);
  return byWhom(caller, inBody);
}
