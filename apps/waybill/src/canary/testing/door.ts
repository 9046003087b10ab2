import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';

const ENDPOINT_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const endpointSchema = z.object({ url: z.string(), disabled: z.boolean() });
const sourceSchema = z.object({ verification: z.object({ secret: z.string() }) });

/** How a door treats events. `delivers`: they go to the endpoint, signed; `keeps`: they are accepted and go nowhere. */
export type DoorMode = 'delivers' | 'keeps' | 'refuses' | 'hangs';

/** A region as the canary sees it: the few routes of the API that it uses, over real HTTP, and a public door. */
export interface TestDoor {
  readonly url: string;
  mode: DoorMode;
  /** What was set up, by path. */
  readonly stored: Map<string, unknown>;
  readonly calls: string[];
  close(): Promise<void>;
}

/** Starts a door on a free port. `stored` may be that of another door: then both are regions of one deployment. */
export async function startDoor(adminKey: string, stored = new Map<string, unknown>()): Promise<TestDoor> {
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the door has no TCP port');
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  const door: TestDoor = { url: `http://127.0.0.1:${address.port}`, mode: 'delivers', stored, calls: [], close };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const { method = '', url = '', headers } = request;
    door.calls.push(`${method} ${url}`);
    if (url.startsWith('/webhooks/')) return receive(door, { id: String(headers['webhook-id']), headers, body }, response);
    if (headers.authorization !== `Bearer ${adminKey}`) return end(response, 401, { code: 'WB_UNAUTHORIZED' });
    manage(stored, { method, url, body }, response);
  };
  return door;
}

function manage(
  stored: Map<string, unknown>,
  { method, url, body }: { method: string; url: string; body: string },
  response: ServerResponse,
): void {
  if (url.endsWith('/secret')) return end(response, 200, { key: ENDPOINT_SECRET });
  if (method === 'GET') return stored.has(url) ? end(response, 200, shown(stored.get(url))) : end(response, 404, { code: 'WB_NOT_FOUND' });
  const given: unknown = JSON.parse(body);
  const path = method === 'POST' ? `${url}/${z.object({ id: z.string() }).parse(given).id}` : url;
  stored.set(path, given);
  end(response, 200, {});
}

/** As the API shows it: an endpoint that is not disabled has no such field. */
function shown(kept: unknown): unknown {
  const { success, data } = endpointSchema.safeParse(kept);
  return success ? { url: data.url, ...(data.disabled ? { disabled: { reason: 'manual' } } : {}) } : kept;
}

interface Sent {
  readonly id: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function receive(door: TestDoor, { id, headers, body }: Sent, response: ServerResponse): Promise<void> {
  if (door.mode === 'hangs') return;
  if (door.mode === 'refuses') return end(response, 503, { code: 'WB_LOG_FULL' });
  const source = sourceSchema.safeParse(door.stored.get('/v1/sources/waybill-canary')).data;
  if (source === undefined) return end(response, 404, { code: 'WB_SOURCE_UNKNOWN' });
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  new Webhook(source.verification.secret).verify(body, given);
  end(response, 202, { id: `evt_${id}`, duplicate: false });
  const endpoint = endpointSchema.parse(door.stored.get('/v1/tenants/waybill-canary/endpoints/waybill-canary'));
  if (door.mode === 'delivers' && !endpoint.disabled) await deliver(endpoint.url, `evt_${id}`, body);
}

async function deliver(url: string, id: string, body: string): Promise<void> {
  const seconds = String(Math.floor(Date.now() / 1_000));
  const key = Buffer.from(ENDPOINT_SECRET.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  const headers = { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
  await fetch(url, { method: 'POST', headers, body });
}

const end = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
