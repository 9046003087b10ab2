import type { Server } from 'node:http';
import { WaybillError } from '@waybill/contracts';
import type { FastifyHttpOptions, FastifyInstance, FastifyRequest } from 'fastify';
import { bearerCheck } from './bearer-key.ts';
import { answerClientError } from './client-error.ts';
import { needsKey } from './openapi.ts';
import type { OperationSpec } from './operation.ts';

export interface HttpSettings {
  readonly maxBodyBytes: number;
  /** Within this time a request must have arrived as a whole, in ms. */
  readonly receiveTimeoutMs: number;
  readonly managementKey: string;
}

const MAX_HEADER_BYTES = 16_384;
/** Longest path parameter: ids have at most 64 characters. */
const MAX_PARAM_LENGTH = 200;

/** Limits of the server: what is too large or too slow is refused before it costs anything. */
export function fastifyOptionsOf({ maxBodyBytes, receiveTimeoutMs }: HttpSettings): FastifyHttpOptions<Server> {
  return {
    bodyLimit: maxBodyBytes,
    requestTimeout: receiveTimeoutMs,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // Requests that come in while the service drains are refused as a problem document, by the hook below.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: receiveTimeoutMs,
      // Node looks for late requests only this often; its own default of 30 s would let them stay three times as long as allowed.
      connectionsCheckingInterval: Math.max(100, Math.min(1_000, receiveTimeoutMs / 4)),
    },
  };
}

function patternOf(path: string): RegExp {
  const escaped = path.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.startsWith('*') ? '.+' : part.replaceAll('.', '\\.')));
  return new RegExp(`^${escaped.join('/')}/?$`);
}

/** Tells a wrong method from a wrong path. */
function methodCheck(operations: readonly OperationSpec[]): (request: FastifyRequest) => void {
  const routes = operations.flatMap(({ method, paths }) => paths.map((path) => ({ method, pattern: patternOf(path) })));
  return (request) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (allowed.length > 0) {
      throw new WaybillError('WB_METHOD_NOT_ALLOWED', `${request.method} is not allowed here`, { extra: { allowed: [...new Set(allowed)] } });
    }
    throw new WaybillError('WB_NOT_FOUND', `there is nothing at ${path.slice(0, 200)}`);
  };
}

/** Sets Fastify up: bodies stay raw, the management key is asked for by route, unknown paths and methods are refused in our words. */
export function configureHttp(fastify: FastifyInstance, operations: readonly OperationSpec[], settings: HttpSettings): void {
  const checkKey = bearerCheck(settings.managementKey);
  const refuseUnknown = methodCheck(operations);
  let isDraining = false;
  fastify.addHook('preClose', (done) => {
    isDraining = true;
    done();
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // The route's own pattern decides, not the URL: the router decodes `%76` before it looks, and so would miss nothing that a prefix would.
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isDraining) {
      reply.header('connection', 'close');
      throw new WaybillError('WB_NOT_READY', 'this service is stopping', { extra: { retryAfterSeconds: 1 } });
    }
    if (request.is404) return refuseUnknown(request);
    if (needsKey(request.routeOptions.url ?? '')) checkKey(request.headers.authorization);
    done();
  });
}
