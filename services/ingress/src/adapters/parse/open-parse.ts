import type { Lifecycle } from '@waybill/runtime';
import type { ParseBody } from '../../application/parse-body.ts';
import { parsePayload } from '../../domain/parse-payload.ts';
import { ParseThread } from './parse-thread.ts';

/** Smaller bodies take the serving thread less time (20 ms at worst) than handing them over does. */
const OWN_THREAD_BYTES = 262_144;

/** Parses bodies: large ones away from the thread that serves. */
export function openParse(lifecycle: Lifecycle): ParseBody {
  const thread = lifecycle.own('parse thread', new ParseThread(), (owned) => owned.close());
  return (body, wanted) => (body.length > OWN_THREAD_BYTES ? thread.parse(body, wanted) : parsePayload(body, wanted.member));
}
