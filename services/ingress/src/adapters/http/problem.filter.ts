import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import { type ErrorCode, ERRORS, type WaybillError } from '@waybill/contracts';
import { CLOCK, type Clock, LOGGER, type Logger, sendProblem, toWaybillError } from '@waybill/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiter } from '../../domain/rate-limiter.ts';
import { type AddressOf, withAddress } from './misdirected.ts';
import { ADDRESS_OF } from './tokens.ts';

/** Lines a minute for each error code: whoever floods the door must not fill the disk as well. */
const LINES_PER_MINUTE = 120;

/** Answers errors as problem documents and writes one line for each, with what was asked but no header and no body. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;
  readonly #nowMs: Clock;
  readonly #addressOf: AddressOf;
  readonly #lines = new RateLimiter(LINES_PER_MINUTE);
  readonly #unwritten = new Map<ErrorCode, number>();

  constructor(@Inject(LOGGER) logger: Logger, @Inject(CLOCK) nowMs: Clock, @Inject(ADDRESS_OF) addressOf: AddressOf) {
    this.#logger = logger;
    this.#nowMs = nowMs;
    this.#addressOf = addressOf;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = toWaybillError(thrown);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    this.#write(error, request);
    sendProblem(reply, withAddress(error, request, reply, this.#addressOf));
  }

  #write(error: WaybillError, request: FastifyRequest): void {
    const { code } = error;
    const unwritten = this.#unwritten.get(code) ?? 0;
    if (this.#lines.take(code, this.#nowMs()) > 0) {
      this.#unwritten.set(code, unwritten + 1);
      return;
    }
    this.#unwritten.delete(code);
    const { status } = ERRORS[code];
    const asked = { method: request.method, route: request.routeOptions.url, params: request.params };
    // The stack is worth its place only when the mistake is ours.
    const cause = code === 'WB_INTERNAL' ? { err: error.cause } : {};
    this.#logger.warn({ event: 'request.refused', code, status, detail: error.message, ...asked, unwritten, ...cause });
  }
}
