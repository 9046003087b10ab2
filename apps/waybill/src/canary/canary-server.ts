import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Metrics } from '@waybill/runtime';
import type { Arrival } from './canary-event.ts';

export interface CanaryServerOptions {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  readonly metrics: Metrics;
  /** Takes a delivery; false: its signature is not one of ours. */
  readonly arrived: (arrival: Arrival) => boolean;
}

/** Far more than a canary event has. */
const MAX_BODY_BYTES = 65_536;
const HEALTH: ReadonlySet<string> = new Set(['/health/live', '/health/ready']);

/** Serves `GET /metrics`, `GET /health/live` and `GET /health/ready`, and takes deliveries: every POST. */
export async function startCanaryServer({ host, port, metrics, arrived }: CanaryServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'POST') return end(response, await take(request, arrived));
    if (HEALTH.has(request.url ?? '')) return end(response, 200, { 'content-type': 'application/json' }, '{"status":"ok"}');
    if (request.url !== '/metrics') return end(response, 404);
    if (!metrics.isOpenTo(request.headers.authorization ?? '')) return end(response, 401);
    end(response, 200, { 'content-type': metrics.contentType }, await metrics.text());
  };
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return server;
}

function end(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}, body = ''): void {
  response.writeHead(status, headers).end(body);
}

async function take(request: IncomingMessage, arrived: CanaryServerOptions['arrived']): Promise<number> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return 413;
    chunks.push(chunk);
  }
  const header = (name: string): string => String(request.headers[name] ?? '');
  return arrived({ header, body: Buffer.concat(chunks).toString('utf8'), nowMs: Date.now() }) ? 204 : 401;
}
