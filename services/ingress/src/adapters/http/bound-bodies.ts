import { ByteBudget } from '@waybill/bodies';
import { WaybillError } from '@waybill/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { needsKey } from './openapi.ts';

/** Request bodies that are in memory at once, all together. */
const AT_ONCE_BYTES = 268_435_456;
/** Smaller ones are not counted: the number of connections bounds them. */
const LARGE_BYTES = 262_144;
/** By so much the count of a body of unknown length grows. */
const STEP_BYTES = 1_048_576;
/** Commands are parsed on the serving thread, and none needs more. */
const COMMAND_BYTES = 1_048_576;

/** The only route below the management key whose body is a payload. */
const EVENTS_ROUTE = '/v1/tenants/:tenantId/events';

export interface BodyBounds {
  /** The server's own limit, in bytes. */
  readonly maxBodyBytes: number;
  /** Absent: 256 MiB. */
  readonly atOnceBytes?: number;
}

const tooMany = (): WaybillError =>
  new WaybillError('WB_NOT_READY', 'too many large bodies are coming in at once', { extra: { retryAfterSeconds: 1 } });

/**
 * Bounds what large bodies take of the memory: those that would be too much are refused with 503 before anything of them is read; one that does not say how
 * long it is, when it gets that long. To be called after the hooks that refuse strangers, and before the routes are made.
 */
export function boundBodies(fastify: FastifyInstance, { maxBodyBytes, atOnceBytes = AT_ONCE_BYTES }: BodyBounds): void {
  const budget = new ByteBudget(atOnceBytes);
  fastify.addHook('onRoute', (route) => {
    if (needsKey(route.url) && route.url !== EVENTS_ROUTE) route.bodyLimit = Math.min(maxBodyBytes, COMMAND_BYTES);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const bytes = lengthOf(request);
    if (bytes === undefined || bytes <= LARGE_BYTES || bytes > request.routeOptions.bodyLimit) return done();
    if (!budget.tryTake(bytes)) throw tooMany();
    reply.raw.once('close', () => budget.give(bytes));
    done();
  });
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    if (request.headers['transfer-encoding'] !== undefined) {
      let [seen, taken] = [0, 0];
      reply.raw.once('close', () => budget.give(taken));
      payload.on('data', ({ length }: Buffer) => {
        seen += length;
        // What comes at once may be several steps.
        for (; seen > taken + LARGE_BYTES; taken += STEP_BYTES) {
          if (budget.tryTake(STEP_BYTES)) continue;
          // Nothing can be said any more to who is still sending: the connection ends.
          request.raw.destroy(tooMany());
          return;
        }
      });
    }
    done(null, payload);
  });
}

function lengthOf({ headers }: FastifyRequest): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
