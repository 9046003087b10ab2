import { createServer } from 'node:http';
import { z } from 'zod';

export interface Received {
  readonly body: string;
  readonly guid: string;
  readonly signature: string;
}

/** A server that takes webhooks and remembers them. */
export interface HookReceiver {
  readonly url: string;
  readonly received: Received[];
  /** Status of the next answers. */
  status: number;
  actions(): string[];
  close(): Promise<void>;
}

/** Starts a receiver on a free port. */
export async function receiver(): Promise<HookReceiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const header = (name: string): string => String(request.headers[name]);
      received.push({
        body: Buffer.concat(chunks).toString(),
        guid: header('x-github-delivery'),
        signature: header('x-hub-signature-256'),
      });
      response.writeHead(hooks.status).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const hooks: HookReceiver = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/webhooks/github`,
    received,
    status: 202,
    actions: () => received.map(({ body }) => z.object({ action: z.string() }).parse(JSON.parse(body)).action),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return hooks;
}
