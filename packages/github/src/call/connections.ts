import { Agent, fetch, type RequestInit } from 'undici';

/** More than a page of a hundred runs takes. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * Connections to GitHub. `timeoutMs` counts until the last byte of an answer, and one that was cut off is an error: Octokit would read it without
 * an end, and take a cut-off one for an empty text with the status that it had begun with.
 */
export class Connections {
  readonly #timeoutMs: number;
  readonly #closing = new AbortController();
  readonly #kept = new Agent({ allowH2: false });
  /**
   * What changes something gets a connection of its own. The server may be closing one that was kept, and a call that meets with that has an
   * outcome that nobody knows.
   */
  readonly #fresh = new Agent({ allowH2: false, pipelining: 0 });

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** For Octokit. Rejects as fetch does. */
  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const signals = [this.#closing.signal, AbortSignal.timeout(this.#timeoutMs), init.signal].filter(
      (signal) => signal instanceof AbortSignal,
    );
    const dispatcher = init.method === 'GET' ? this.#kept : this.#fresh;
    const { status, headers, body } = await fetch(url, { ...init, dispatcher, signal: AbortSignal.any(signals) });
    const bytes = await bytesOf(body);
    return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(bytes), { status, headers: [...headers] });
  };

  /** Ends the calls that are under way, and their connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#kept.destroy(), this.#fresh.destroy()]);
  }
}

async function bytesOf(body: AsyncIterable<Uint8Array> | null): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (body === null) return Buffer.alloc(0);
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
