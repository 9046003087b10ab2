import type { FastifyRequest } from 'fastify';
import { keyName } from '../../application/access/sign-in.ts';
import { actorSchema, type Caller, reasonSchema } from '../../application/by-whom.ts';
import { type FieldError, schemaViolation } from '../../application/parse-with.ts';
import { accessOf } from './admission.ts';
import { headerOf } from './http-request.ts';

const ACTOR = 'Waybill-Actor';
const REASON = 'Waybill-Reason';
/** What every command says of both headers in `/openapi.json`. */
export const callerHeaders = {
  [ACTOR]: 'Who does it, for the record: 1-200 printable characters',
  [REASON]: 'Why, where the body does not say it: at most 1,000 characters',
};

/** HTTP hands a header over byte by byte. */
const textOf = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : Buffer.from(header, 'latin1').toString('utf8').trim();

/**
 * Who sends a command, and why as far as the headers say; whoever names nobody is known as their session or key is. Throws
 * WB_SCHEMA_VIOLATION for what could not be written down as it is.
 */
export function callerOf(request: FastifyRequest): Caller {
  const header = headerOf(request);
  const [actor = accessOf(request)?.name ?? keyName('admin'), reason] = [
    textOf(header(ACTOR.toLowerCase())),
    textOf(header(REASON.toLowerCase())),
  ];
  const errors: FieldError[] = [];
  if (!actorSchema.safeParse(actor).success) errors.push({ path: ACTOR, message: 'use 1 to 200 printable characters' });
  if (reason !== undefined && !reasonSchema.safeParse(reason).success)
    errors.push({ path: REASON, message: 'use 1 to 1,000 characters, or leave it out' });
  if (errors.length > 0) throw schemaViolation(errors);
  return { actor, reason };
}

/** Who sends a command, as it is recorded; undefined when it is refused because nobody could write that down. */
export function actorOf(request: FastifyRequest): string | undefined {
  try {
    return callerOf(request).actor;
  } catch {
    return undefined;
  }
}
