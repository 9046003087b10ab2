import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IntakeCounts } from '../../domain/intake-counts.ts';

/** Where events come in. */
const INTAKE = new Set(['/v1/tenants/:tenantId/events', '/webhooks/github', '/webhooks/:sourceId']);
const ACCEPTED = 202;

const ignored = new WeakSet<FastifyRequest>();
/** Keeps an answer out of the measure that was no event: it takes no time, and would make the others look quicker. */
export const leaveUnmeasured = (request: FastifyRequest): void => void ignored.add(request);

/** Counts how long senders of events wait for their answer, from the head of the request to the end of the answer, and how many are refused. */
export function measureIntake(fastify: FastifyInstance, counts: IntakeCounts, nowMs: () => number): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    done();
    if (!INTAKE.has(request.routeOptions.url ?? '') || ignored.has(request)) return;
    const { statusCode, elapsedTime } = reply;
    if (statusCode === ACCEPTED) counts.accepted(elapsedTime, nowMs());
    else if (statusCode >= 400) counts.refused(statusCode, nowMs());
  });
}
