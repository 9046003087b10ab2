import type { AttemptFailure } from '@waybill/contracts';
import { EgressDenied, NameUnresolved } from './guarded-connect.ts';

/** Why no complete answer came; `detail` is for people. */
export interface Failure {
  readonly kind: 'failed';
  readonly reason: AttemptFailure;
  readonly detail: string;
}

const MAX_DETAIL = 300;
const TIMEOUT_CODES: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const TLS_CODE =
  /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|INVALID_CA|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)/;

/** Maps whatever the HTTP client threw to a reason of the closed list. `connected`: the request was on its way on an open connection. */
export function failureOf(error: Error, connected: boolean): Failure {
  return { kind: 'failed', reason: reasonOf(error, connected), detail: describe(error).slice(0, MAX_DETAIL) };
}

function reasonOf(error: Error, connected: boolean): AttemptFailure {
  if (error instanceof EgressDenied) return 'egress_denied';
  if (error instanceof NameUnresolved) return 'dns_failed';
  const code = codeOf(error);
  if (TIMEOUT_CODES.has(code)) return 'timeout';
  if (TLS_CODE.test(code)) return 'tls_failed';
  return connected ? 'response_broken' : 'connection_failed';
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

/** The errors of several addresses tried in turn come as one AggregateError without a message of its own. */
function describe(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map(String).join('; ');
  const code = codeOf(error);
  return code === '' || error.message.includes(code) ? error.message : `${code}: ${error.message}`;
}
