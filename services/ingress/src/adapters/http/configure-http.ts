import type { Server } from 'node:http';
import { fastifyCookie } from '@fastify/cookie';
import { WaybillError } from '@waybill/contracts';
import { sendProblem, toWaybillError } from '@waybill/runtime';
import type { FastifyError, FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Admit } from './admission.ts';
import { answerClientError } from './client-error.ts';
import { needsKey, RUNTIME_OPERATIONS } from './openapi.ts';
import { DASHBOARD_PAGES } from './dashboard.ts';
import { type AddressOf, withAddress } from './misdirected.ts';
import { type OperationSpec, roleOf } from './operation.ts';
import { secureHeaders } from './secure-headers.ts';

export interface HttpSettings {
  readonly maxBodyBytes: number;
  /** Whether an operation's own limit counts when it is above that of the server; absent: no. Without a GitHub App nobody has to take 25 MB of strangers. */
  readonly ownLimits?: boolean;
  /** Within this time a request must have arrived as a whole, in ms. */
  readonly receiveTimeoutMs: number;
}

/** What is asked of a request before its body is read. */
export interface Door {
  /** Throws WB_MISDIRECTED for what lives in another region. */
  readonly requireHere: (kind: 'tenant' | 'source', id: string) => void;
  readonly addressOf: AddressOf;
  readonly admit: Admit;
  /** Answers people who are lost; false for everybody else. */
  readonly showLost: (request: FastifyRequest, reply: FastifyReply) => boolean;
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
    frameworkErrors: answerFrameworkError,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: receiveTimeoutMs,
      // Node looks for late requests only this often; its own default of 30 s would let them stay three times as long as allowed.
      connectionsCheckingInterval: Math.max(100, Math.min(1_000, receiveTimeoutMs / 4)),
    },
  };
}

/** Errors of the router itself, before any hook. A parameter longer than every id names nothing. */
function answerFrameworkError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const isTooLong = error.code === 'FST_ERR_MAX_PARAM_LENGTH';
  sendProblem(reply, isTooLong ? new WaybillError('WB_NOT_FOUND', 'no id is that long') : toWaybillError(error));
}

function patternOf(path: string): RegExp {
  const escaped = path
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.startsWith('*') ? '.+' : part.replaceAll('.', '\\.')));
  return new RegExp(`^${escaped.join('/')}/?$`);
}

/** HEAD is answered as GET is. */
const asked = ({ method }: FastifyRequest): string => (method === 'HEAD' ? 'GET' : method);
/** The operation of a request, by its route. */
const operationOf = (request: FastifyRequest): string => `${asked(request)} ${request.routeOptions.url ?? ''}`;

/** Tells a wrong method from a wrong path. */
function methodCheck(operations: readonly OperationSpec[]): (request: FastifyRequest, reply: FastifyReply) => void {
  const pages = { method: 'GET', paths: DASHBOARD_PAGES };
  const routes = [...operations, ...RUNTIME_OPERATIONS, pages].flatMap(({ method, paths }) =>
    paths.map((path) => ({ method, pattern: patternOf(path) })),
  );
  return (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    // A path may be spelled so that it fits, and still have no route.
    if (allowed.length > 0 && !allowed.some((method) => method === asked(request))) {
      reply.header('allow', [...new Set(allowed)].join(', '));
      throw new WaybillError('WB_METHOD_NOT_ALLOWED', `${request.method} is not allowed here`);
    }
    throw new WaybillError('WB_NOT_FOUND', `there is nothing at ${path.slice(0, 200)}`);
  };
}

/** Refuses what is about a strict tenant of another region, by the path alone: its body is none of this region's business. */
function checkHome(request: FastifyRequest, reply: FastifyReply, { requireHere, addressOf }: Door): void {
  const params: object = request.params ?? {};
  try {
    if ('tenantId' in params && typeof params.tenantId === 'string') requireHere('tenant', params.tenantId);
    if ('sourceId' in params && typeof params.sourceId === 'string') requireHere('source', params.sourceId);
  } catch (error) {
    throw withAddress(toWaybillError(error), request, reply, addressOf);
  }
}

/**
 * Sets Fastify up: bodies stay raw, a key or a session is asked for by route, unknown paths and methods are refused in our words, and so is what
 * belongs into another region.
 */
export function configureHttp(fastify: FastifyInstance, operations: readonly OperationSpec[], settings: HttpSettings, door: Door): void {
  const refuseUnknown = methodCheck(operations);
  const largest = new Map(
    operations.flatMap(({ paths, maxBodyBytes }) => (maxBodyBytes === undefined ? [] : paths.map((path) => [path, maxBodyBytes]))),
  );
  fastify.addHook('onRoute', (route) => {
    const limit = largest.get(route.url);
    if (limit !== undefined && (settings.ownLimits === true || limit < settings.maxBodyBytes)) route.bodyLimit = limit;
  });
  const roles = new Map(operations.flatMap((spec) => spec.paths.map((path) => [`${spec.method} ${path}`, roleOf(spec)])));
  let isDraining = false;
  fastify.addHook('preClose', (done) => {
    isDraining = true;
    done();
  });
  // A kept-alive connection that was busy when the server closed would hold the stop up until its client gives it up.
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (isDraining) reply.header('connection', 'close');
    done();
  });
  secureHeaders(fastify);
  // The few routes that want cookies parse them by themselves.
  void fastify.register(fastifyCookie, { hook: false });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // The route's own pattern decides, not the URL: the router decodes `%76` before it looks, and so would miss nothing that a prefix would.
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isDraining) throw new WaybillError('WB_NOT_READY', 'this service is stopping', { extra: { retryAfterSeconds: 1 } });
    if (request.is404) return door.showLost(request, reply) ? undefined : refuseUnknown(request, reply);
    if (needsKey(request.routeOptions.url ?? '')) door.admit(request, roles.get(operationOf(request)) ?? 'admin');
    checkHome(request, reply, door);
    done();
  });
}
