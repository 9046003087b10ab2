import { z } from 'zod';

const thrownSchema = z.object({
  name: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  syscall: z.string().optional().catch(undefined),
  cause: z.unknown().optional(),
});

/** Only a failed connection gives these: nothing of the request was written. */
const BEFORE_THE_FIRST_BYTE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const CONNECTING = new Set(['connect', 'getaddrinfo']);

/** What it means that a call threw without an answer. `unreached`: nothing was sent; `lost`: it may have been done. */
export type CallFailure =
  /** `detail` is a code such as `ECONNRESET`, never a text from outside: those may quote what was sent. */
  { readonly kind: 'unreached'; readonly detail: string } | { readonly kind: 'lost'; readonly detail: string };

/** Reads the chain of causes: Octokit reports resets, names that do not resolve and timeouts alike, as status 500. */
export function callFailure(thrown: unknown): CallFailure {
  let detail = 'no answer';
  let at: unknown = thrown;
  for (let depth = 0; depth < 6; depth += 1) {
    const { success, data } = thrownSchema.safeParse(at);
    if (!success) break;
    const { name, code, syscall } = data;
    if (code !== undefined) detail = code;
    else if (name === 'TimeoutError') detail = 'no answer in time';
    else if (name === 'AbortError') detail = 'cut off';
    if ((code !== undefined && BEFORE_THE_FIRST_BYTE.has(code)) || (syscall !== undefined && CONNECTING.has(syscall)))
      return { kind: 'unreached', detail };
    at = data.cause;
  }
  return { kind: 'lost', detail };
}
