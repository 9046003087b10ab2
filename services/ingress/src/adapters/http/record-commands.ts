import { Readable } from 'node:stream';
import { byWhomSchema, problemOf, type Scope, WaybillError } from '@waybill/contracts';
import { type Logger, toWaybillError } from '@waybill/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { byWhom } from '../../application/by-whom.ts';
import { isKeptHome, recordAct, type RecordPorts } from '../../application/record-act.ts';
import { callerOf } from './caller.ts';
import { optionalJsonOf, requestIdOf } from './http-request.ts';
import { isCommand } from './openapi.ts';
import { actionOf, type OperationSpec } from './operation.ts';

const paramsSchema = z.record(z.string(), z.string()).catch({});
const bodySchema = z
  .object({ reason: byWhomSchema.shape.reason.optional().catch(undefined), tenantId: z.string().optional().catch(undefined) })
  .catch({});
const AGAIN_SECONDS = 1;

/** Commands that were asked for what changes nothing, such as a dry run. */
const changedNothing = new WeakSet<FastifyRequest>();
/** Keeps a command out of the record. */
export const leaveUnrecorded = (request: FastifyRequest): void => void changedNothing.add(request);

/**
 * Appends `management.acted` for every command with the management key that succeeded, before it is answered. When that cannot be stored, the answer is
 * 503 with WB_NATS_AWAY or WB_LOG_FULL instead, so that the caller sends the command again. What is about a strict tenant stays in this region.
 */
export function recordCommands(
  fastify: FastifyInstance,
  operations: readonly OperationSpec[],
  ports: RecordPorts & { logger: Logger },
): void {
  const commands = new Map(operations.filter(isCommand).flatMap((spec) => spec.paths.map((path) => [`${spec.method} ${path}`, spec])));
  const scopes = new WeakMap<FastifyRequest, Scope>();

  fastify.addHook('onRequest', (request, _reply, done) => {
    const command = commands.get(actionOf(request));
    if (command === undefined) return done();
    callerOf(request);
    // Before and after: a route goes with the source that is removed, and comes with the tenant that is made.
    if (command.record === 'here' || isKeptHome(ports, paramsSchema.parse(request.params))) scopes.set(request, 'l');
    done();
  });

  const write = async (request: FastifyRequest, action: string, status: number): Promise<void> => {
    const about = paramsSchema.parse(request.params);
    const { reason, tenantId } = bodySchema.parse(optionalJsonOf(request));
    const isKept = isKeptHome(ports, about) || isKeptHome(ports, { tenantId });
    const scope = scopes.get(request) ?? (isKept ? 'l' : 'g');
    const requestId = requestIdOf(request);
    await recordAct(ports, { action, about, status, by: byWhom(callerOf(request), reason), requestId, scope });
  };

  fastify.addHook('onSend', (request, reply, payload, done) => {
    const action = actionOf(request);
    if (reply.statusCode >= 400 || !commands.has(action) || changedNothing.has(request)) return done(null, payload);
    write(request, action, reply.statusCode).then(
      () => done(null, payload),
      (error: unknown) => {
        if (payload instanceof Readable) payload.destroy();
        done(null, unrecorded(reply, toWaybillError(error), ports.logger));
      },
    );
  });
}

function unrecorded(reply: FastifyReply, error: WaybillError, logger: Logger): string {
  const { code } = error;
  logger.error({ event: 'management.unrecorded', code, detail: error.message }, 'a command was done and could not be recorded');
  const told = new WaybillError(code, `it was done, but could not be recorded: ${error.message}`, {
    extra: { retryAfterSeconds: AGAIN_SECONDS, ...error.extra },
  });
  const problem = problemOf(told);
  reply.code(problem.status).headers({ 'content-type': 'application/problem+json', 'retry-after': String(problem['retryAfterSeconds']) });
  return JSON.stringify(problem);
}
