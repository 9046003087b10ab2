import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** One request that the local receiver got. */
interface Received {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const KEPT = 200;
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * The receiver of the local stack: takes every POST with 204 and keeps the last 200. `GET /` lists them, newest first; `POST /status/503`
 * answers with that status, so that retries can be watched.
 */
export async function startLocalReceiver(
  port: number,
  received: (path: string, headers: Readonly<Record<string, string>>) => void,
): Promise<Server> {
  const kept: Received[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') return list(kept, response);
    void take(request).then((one) => {
      kept.unshift(one);
      kept.length = Math.min(kept.length, KEPT);
      received(one.path, one.headers);
      response.writeHead(statusFor(one.path)).end();
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return server;
}

function list(kept: readonly Received[], response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(kept, null, 2));
}

function statusFor(path: string): number {
  const asked = Number(/^\/status\/(\d{3})$/.exec(path)?.[1]);
  return asked >= 200 && asked <= 599 ? asked : 204;
}

async function take(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return {
    at: new Date().toISOString(),
    method: request.method ?? '',
    path: request.url ?? '',
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
