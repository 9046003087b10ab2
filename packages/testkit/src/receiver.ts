import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** One request that a receiver got, with its body complete. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly atMs: number;
}

/** How a receiver answers; may take its time. */
export type Answer = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

/** A real HTTP server that records what it gets. */
export interface Receiver {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Answers from now on in this way. */
  answerWith(answer: Answer): void;
  /** Resolves when `count` requests came, throws after `budgetMs`. */
  waitFor(count: number, budgetMs?: number): Promise<readonly ReceivedRequest[]>;
  close(): Promise<void>;
}

/** Between two looks: seldom enough to leave the processor to what is waited for, and often enough to see what is there for a moment only. */
const FIRST_POLL_MS = 10;
const MOST_POLL_MS = 20;

/** Starts a receiver on a free loopback port; answers 204 unless told otherwise. */
export async function startReceiver(options: { answer?: Answer; port?: number } = {}): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  let answer = options.answer ?? answerStatus(204);
  const server = createServer((request, response) => {
    void record(request).then(async (received) => {
      requests.push(received);
      await answer(received, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no TCP port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    answerWith: (next) => {
      answer = next;
    },
    waitFor: (count, budgetMs = 20_000) => waitFor(requests, count, budgetMs),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Answers every request with this status, headers and body. */
export function answerStatus(status: number, headers: Record<string, string> = {}, body = ''): Answer {
  return (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
}

async function record(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return { method: request.method ?? '', path: request.url ?? '', headers, body: Buffer.concat(chunks).toString('utf8'), atMs: Date.now() };
}

async function waitFor(requests: readonly ReceivedRequest[], count: number, budgetMs: number): Promise<readonly ReceivedRequest[]> {
  await eventually(
    () => requests.length >= count,
    budgetMs,
    () => `${requests.length} of ${count} requests came`,
  );
  return requests;
}

/** Waits until `condition` holds; throws with what `state` says when `budgetMs` is over. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  budgetMs = 20_000,
  state: () => string = () => '',
): Promise<void> {
  const deadline = performance.now() + budgetMs;
  for (let pollMs = FIRST_POLL_MS; !(await condition()); pollMs = Math.min(pollMs * 1.5, MOST_POLL_MS)) {
    if (performance.now() > deadline) throw new Error(`not within ${budgetMs} ms: ${state()}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
