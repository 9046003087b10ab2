import type { AttemptOutcome } from '@waybill/contracts';
import { parseRetryAfter } from './retry-after.ts';

/** What the receiver answered. */
export interface ReceiverResponse {
  readonly status: number;
  readonly retryAfter?: string | undefined;
}

/** Statuses whose `Retry-After` is honoured. */
const HONOURS_RETRY_AFTER: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * What an answer means for the attempt: 2xx accepted, 410 rejected for ever, 3xx and everything else retryable.
 * `maxRetryAfterMs` bounds the wait that the receiver may ask for.
 */
export function classifyResponse(response: ReceiverResponse, nowMs: number, maxRetryAfterMs: number): AttemptOutcome {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: 'accepted', httpStatus: status };
  if (status === 410) return { kind: 'rejected', reason: 'gone', detail: 'the receiver answered 410 Gone', httpStatus: status };
  if (status >= 300 && status < 400) {
    return {
      kind: 'retryable',
      reason: 'redirect',
      detail: `the receiver answered ${status}; redirects are not followed`,
      httpStatus: status,
    };
  }
  return {
    kind: 'retryable',
    reason: 'http_status',
    detail: `the receiver answered ${status}`,
    httpStatus: status,
    ...askedWait(response, nowMs, maxRetryAfterMs),
  };
}

function askedWait({ status, retryAfter }: ReceiverResponse, nowMs: number, maxMs: number): { retryAfterMs?: number } {
  const retryAfterMs = HONOURS_RETRY_AFTER.has(status) ? parseRetryAfter(retryAfter, nowMs, maxMs) : undefined;
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}
