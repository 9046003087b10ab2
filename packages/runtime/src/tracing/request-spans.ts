import { parseTraceparent, type TraceContext, type Traceparent } from '@waybill/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { preciseNow } from './precise-now.ts';
import { randomHex } from './random-hex.ts';
import { ATTRIBUTES, SPANS } from './span-names.ts';
import type { Attributes, Tracing } from './tracing.ts';

/** Where a request stands in a trace. `context` undefined: its trace is not recorded, so neither is the request. */
export interface RequestPlace {
  readonly context: TraceContext | undefined;
  readonly parent?: TraceContext | undefined;
  readonly links?: readonly TraceContext[] | undefined;
  readonly attributes?: Attributes | undefined;
}

export interface TraceRequestsOptions {
  readonly region: string;
  /** Whether a request that nobody adopted gets a trace of its own. Default: it is none that only reads, and its route lies under /v1 or /admin. */
  readonly isTraced?: (request: FastifyRequest) => boolean;
}

const places = new WeakMap<FastifyRequest, RequestPlace>();
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
const ROUTES = /^\/(v1|admin)\//;
/** Whoever is sent away this way costs nothing, or anybody could use up the traces of a second. */
const TURNED_AWAY = new Set([401, 429]);

/** Says where a request stands, once that is known and before it is answered; its span is recorded after the answer. The last call counts. */
export function adoptRequest(request: FastifyRequest, place: RequestPlace): void {
  places.set(request, place);
}

/** Where a request stands, as far as it is recorded; for hooks that come after those of `traceRequests`, of every request. */
export const placeOfRequest = (request: FastifyRequest): TraceContext | undefined => places.get(request)?.context;

/** The place that the caller says it comes from; undefined when it says none, or more than one. Nobody has checked it. */
export function externalPlace(request: FastifyRequest): Traceparent | undefined {
  const given = request.headers['traceparent'];
  return typeof given === 'string' ? parseTraceparent(given) : undefined;
}

/** Records a SERVER span for each request that was adopted, and for others as `isTraced` says and the sampler likes. Hooks are added only when tracing is on. */
export function traceRequests(fastify: FastifyInstance, tracing: Tracing, { region, isTraced = changes }: TraceRequestsOptions): void {
  if (!tracing.isOn) return;
  const placeOfStranger = (request: FastifyRequest, reply: FastifyReply): RequestPlace => {
    if (!isTraced(request) || TURNED_AWAY.has(reply.statusCode)) return { context: undefined };
    const external = externalPlace(request);
    return { context: tracing.begin(randomHex(16)), links: external && [external] };
  };
  fastify.addHook('onResponse', (request, reply, done) => {
    const place = places.get(request) ?? placeOfStranger(request, reply);
    places.set(request, place);
    const { context, parent, links, attributes } = place;
    if (context !== undefined) {
      const endMs = preciseNow();
      const about = { ...aboutRequest(request, reply), [ATTRIBUTES.cloudRegion]: region, ...attributes };
      const name = SPANS.request(request.method, routeOf(request));
      const error = reply.statusCode >= 500 ? String(reply.statusCode) : undefined;
      tracing.record({ name, kind: 'server', context, parent, links, startMs: endMs - reply.elapsedTime, endMs, attributes: about, error });
    }
    done();
  });
}

const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? '';

const changes = (request: FastifyRequest): boolean => !READS.has(request.method) && ROUTES.test(routeOf(request));

const aboutRequest = (request: FastifyRequest, reply: FastifyReply): Attributes => ({
  [ATTRIBUTES.method]: request.method,
  [ATTRIBUTES.route]: routeOf(request),
  [ATTRIBUTES.status]: reply.statusCode,
});
