import { type ByWhom, byWhomSchema } from '@waybill/contracts';
import { schemaViolation } from './parse-with.ts';

/** Who sends a command, as the headers of the request say; `reason` undefined: they give none. */
export interface Caller {
  readonly actor: string;
  readonly reason: string | undefined;
}

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
