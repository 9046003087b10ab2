import { fastify, type FastifyInstance } from 'fastify';
import { appRoutes } from '../routes/app.ts';
import { checkRoutes } from '../routes/checks.ts';
import { hookRoutes } from '../routes/hook-deliveries.ts';
import { issueRoutes } from '../routes/issues.ts';
import { otherRoutes } from '../routes/other.ts';
import type { Parts } from '../routes/parts.ts';
import { repositoryRoutes } from '../routes/repositories.ts';
import { runRoutes } from '../routes/runs.ts';
import { workflowRoutes } from '../routes/workflows.ts';
import { fullNameOf } from '../state/model.ts';
import { Refusal, toJson } from './answer.ts';
import { type Desk, serve } from './serve.ts';

const BODY_LIMIT = 1_048_576;

/** The HTTP server with every operation of GitHub's that the fake has; it does not listen yet. */
export function apiServer(desk: Desk): FastifyInstance {
  const server = fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 500 },
    rewriteUrl: (request) => byName(desk.parts, request.url ?? '/'),
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? undefined : JSON.parse(String(text)));
    } catch {
      done(new Refusal(400, 'Problems parsing JSON'));
    }
  });
  server.setErrorHandler(async (error, _request, reply) => {
    const refusal = error instanceof Refusal ? error : new Refusal(500, error instanceof Error ? error.message : 'Server Error');
    const answer = refusal.toAnswer();
    await reply.code(answer.status).type('application/json').send(toJson(answer.body));
  });
  server.setNotFoundHandler(async (request, reply) => {
    desk.parts.ledger.called({ method: request.method, path: request.url, route: 'none', status: 404, installationId: undefined });
    await reply.code(404).send(new Refusal(404, 'Not Found').toAnswer().body);
  });
  const groups = [appRoutes, repositoryRoutes, workflowRoutes, runRoutes, checkRoutes, issueRoutes, hookRoutes, otherRoutes];
  for (const route of groups.flatMap((routesOf) => routesOf(desk.parts))) {
    serve(server, desk, route);
  }
  return server;
}

/** `/repositories/{id}/...`, where a rename redirects to, is the same as `/repos/{owner}/{repo}/...`. */
function byName(parts: Parts, url: string): string {
  const [, id = '', rest = ''] = /^\/repositories\/(\d+)(.*)$/u.exec(url) ?? [];
  const repository = parts.world.withId(Number(id));
  return repository === undefined ? url : `/repos/${fullNameOf(repository)}${rest}`;
}
