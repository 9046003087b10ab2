import type { FastifyInstance } from 'fastify';
import { needsKey } from './openapi.ts';

/** Says of every answer that browsers must take it for what it says it is, and give it to pages of this address only; what a key opens is kept nowhere. */
export function secureHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    reply.headers({ 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' });
    const path = request.routeOptions.url ?? '';
    if ((needsKey(path) || path === '/session') && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    done();
  });
}
