import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type ErrorCode, ERRORS, isWaybillError, problemOf, WaybillError } from '@waybill/contracts';
import type { Logger } from './logger.ts';
import { type Observable, throwError } from 'rxjs';

/**
 * Answers HTTP errors as problem documents, and hands message handlers' errors to the transport as they are.
 * The trap: Nest's own filter turns every error of a message handler into `{ status: 'error' }`, so a transport cannot tell them apart.
 */
@Catch()
export class KeepErrorFilter implements ExceptionFilter {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): Observable<never> | undefined {
    if (host.getType() !== 'http') return throwError(() => error);
    const told = toWaybillError(error);
    // Only our own mistakes: what a client did wrong is told to the client.
    if (told.code === 'WB_INTERNAL') this.#logger.error({ event: 'request.failed', err: error }, 'answered as WB_INTERNAL');
    sendProblem(host.switchToHttp().getResponse<FastifyReply>(), told);
    return undefined;
  }
}

/** The public error that stands for `error`: itself, one by its HTTP status, or WB_INTERNAL. */
export function toWaybillError(error: unknown): WaybillError {
  if (isWaybillError(error)) return error;
  const status = statusOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  if (status === 404) return new WaybillError('WB_NOT_FOUND', detail, { cause: error });
  if (status === 405) return new WaybillError('WB_METHOD_NOT_ALLOWED', detail, { cause: error });
  if (status === 408) return new WaybillError('WB_REQUEST_TIMEOUT', detail, { cause: error });
  if (status === 413) return new WaybillError('WB_BODY_TOO_LARGE', detail, { cause: error });
  if (status === 415) return new WaybillError('WB_MEDIA_TYPE', detail, { cause: error });
  if (status !== undefined && status >= 400 && status < 500) return new WaybillError('WB_BAD_REQUEST', detail, { cause: error });
  return new WaybillError('WB_INTERNAL', 'see the log of the service for this request', { cause: error });
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const status = 'statusCode' in error ? error.statusCode : 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? status : undefined;
}

const problems = new WeakMap<FastifyReply, ErrorCode>();
/** With which problem a request was answered; undefined when with none. */
export const problemCodeOf = (reply: FastifyReply): ErrorCode | undefined => problems.get(reply);

/** Sends the problem document, with `Retry-After` where waiting helps. */
export function sendProblem(reply: FastifyReply, error: WaybillError): void {
  const problem = problemOf(error);
  problems.set(reply, error.code);
  const { retryable } = ERRORS[error.code];
  const retryAfter = error.extra['retryAfterSeconds'];
  if (typeof retryAfter === 'number') reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfter))));
  else if (retryable && (problem.status === 503 || problem.status === 429)) reply.header('retry-after', '1');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  reply.code(problem.status).header('content-type', 'application/problem+json').send(JSON.stringify(problem));
}
