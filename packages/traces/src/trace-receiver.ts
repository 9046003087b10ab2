import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isWaybillError, problemOf, traceIdOf, WaybillError } from '@waybill/contracts';
import { decodeOtlp } from './decode-otlp.ts';
import { readJson } from './read-body.ts';
import type { TraceStore } from './trace-store.ts';
import { viewTrace } from './view-trace.ts';

export interface TraceReceiverOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Default: loopback. Spans name tenants and addresses, and everybody who reaches the port may read them. */
  readonly host?: string | undefined;
  readonly store: TraceStore;
}

export interface TraceReceiver {
  /** Without a slash at its end; an exporter's OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly type?: string;
}

const REQUEST_MS = 10_000;
/** Each may hold a body of 8 MiB. */
const MOST_CONNECTIONS = 64;
/** What calls itself so is this machine, as a Host header or an address to listen on has it. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)(?::\d+)?$/i;
const PATH_OF_TRACE = /^\/traces\/([^/?]+)$/;

/**
 * Receives spans as OTLP/HTTP in JSON at `POST /v1/traces`, keeps them in `store`, and answers `GET /traces/{id}` with what it has of a trace (id: of a trace or an
 * event). Nothing is kept of a request that cannot be read. Errors are problem documents. On a loopback
 * address it answers to no other name. Rejects when the port is taken.
 */
export async function startTraceReceiver({ port, host = '127.0.0.1', store }: TraceReceiverOptions): Promise<TraceReceiver> {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    void answerOf(request, store, host).then(({ status, body, type = 'application/json' }) =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(JSON.stringify(body)),
    );
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return { url: addressOf(server, host), close: () => closed(server) };
}

async function answerOf(request: IncomingMessage, store: TraceStore, host: string): Promise<Answer> {
  try {
    // A page whose name was turned to this machine meanwhile is on the same site as far as a browser knows.
    if (LOOPBACK.test(host) && !LOOPBACK.test(request.headers.host ?? ''))
      throw new WaybillError('WB_ORIGIN_DENIED', 'what listens on this machine alone is asked by an address of it');
    return { status: 200, body: await handle(request, store) };
  } catch (error) {
    const told = isWaybillError(error) ? error : new WaybillError('WB_BAD_REQUEST', 'the request broke off', { cause: error });
    const problem = problemOf(told);
    return { status: problem.status, body: problem, type: 'application/problem+json' };
  }
}

async function handle(request: IncomingMessage, store: TraceStore): Promise<unknown> {
  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  if (request.method === 'POST' && path === '/v1/traces') {
    for (const span of decodeOtlp(await readJson(request))) store.add(span);
    return { partialSuccess: {} };
  }
  request.resume();
  if (request.method !== 'GET') throw new WaybillError('WB_NOT_FOUND', 'POST /v1/traces takes spans; GET /traces/{id} shows a trace');
  if (path === '/health/ready') return { status: 'ok', ...store.size };
  const id = PATH_OF_TRACE.exec(path)?.[1];
  if (id === undefined) throw new WaybillError('WB_NOT_FOUND', 'GET /traces/{id} shows a trace');
  const trace = viewTrace(store, id);
  if (trace === undefined)
    throw new WaybillError('WB_TRACE_UNKNOWN', `nothing is kept of "${id.slice(0, 100)}"`, { extra: { traceId: traceIdOf(id) ?? id } });
  return trace;
}

function addressOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Requests under way are cut off: an exporter sends them again, or its process ends too. */
function closed(server: Server): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return done;
}
