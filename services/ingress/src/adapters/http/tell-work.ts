import { traceIdOf } from '@waybill/contracts';
import { placeOfRequest, problemCodeOf, type WorkLine, type WorkLog } from '@waybill/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Brought } from '../../application/visit.ts';
import { actorOf } from './caller.ts';
import { requestIdOf } from './http-request.ts';
import { type IntakeAnswer, isAccepted } from './measure-intake.ts';
import { isCommand } from './openapi.ts';
import { actionOf, type OperationSpec } from './operation.ts';
import { broughtBy } from './visit.ts';

/** Where lines go. What strangers are refused has a budget of its own, so that a flood of it hides nothing else. */
export interface RequestLogs {
  readonly done: WorkLog;
  readonly refused: WorkLog;
}

const paramsSchema = z.object({ tenantId: z.string().optional(), sourceId: z.string().optional(), id: z.string().optional() }).catch({});
const whole = (ms: number): number => Math.round(ms * 1000) / 1000;

/** Tells each answer to a sender of events in a line. */
export function tellIntake({ done, refused }: RequestLogs): (answer: IntakeAnswer) => void {
  return (answer) => {
    const { request, status, ms, brought, problem } = answer;
    const line = { work: 'accept', status, durationMs: whole(ms), ...aboutRequest(request), ...aboutEvent(brought) } as const;
    if (isAccepted(answer)) return done.done({ ...line, outcome: brought?.duplicate === true ? 'duplicate' : 'accepted' });
    const { tenantId, sourceId: source } = paramsSchema.parse(request.params);
    told(refused, { tenantId, source, ...line, outcome: 'refused', reason: problem });
  };
}

/** Tells each command in a line: who, what and how it went. */
export function tellCommands(fastify: FastifyInstance, operations: readonly OperationSpec[], { done, refused }: RequestLogs): void {
  const commands = new Set(operations.filter(isCommand).flatMap(({ method, paths }) => paths.map((path) => `${method} ${path}`)));
  fastify.addHook('onResponse', (request, reply, next) => {
    next();
    if (!commands.has(actionOf(request))) return;
    const { tenantId } = paramsSchema.parse(request.params);
    const about = { ...aboutRequest(request), tenantId, actor: actorOf(request), ...aboutEvent(broughtBy(request)) };
    const line = { work: 'request', status: reply.statusCode, durationMs: whole(reply.elapsedTime), ...about } as const;
    if (reply.statusCode < 400) done.done({ ...line, outcome: 'done' });
    else told(refused, { ...line, outcome: 'refused', reason: problemCodeOf(reply) });
  });
}

/** What we could not do is told always; what we would not, as far as its budget goes. */
function told(log: WorkLog, line: WorkLine): void {
  if ((line.status ?? 0) >= 500) log.failed(line);
  else log.done(line);
}

const aboutRequest = (request: FastifyRequest): Partial<WorkLine> => ({
  method: request.method,
  route: request.routeOptions.url,
  requestId: requestIdOf(request),
  traceId: placeOfRequest(request)?.traceId,
});

function aboutEvent(brought: Brought | undefined): Partial<WorkLine> {
  if (brought === undefined) return {};
  const { eventId, eventType, tenantId, source, correlationId, duplicate, bytes, place } = brought;
  const traceId = place.context?.traceId ?? traceIdOf(eventId);
  return { traceId, eventId, eventType, tenantId, source, correlationId, duplicate, bytes };
}
