import { Readable } from 'node:stream';

/** More than a page of a hundred runs takes. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const WITHOUT_BODY = new Set([204, 205, 304]);

async function bodyOf({ body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const parts: AsyncIterable<Uint8Array> = body ?? Readable.from([]);
  for await (const chunk of parts) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * A fetch whose answers are whole: `timeoutMs` and `closing` count until the last byte, and an answer that was cut off is an error. Octokit would
 * read the body itself without an end, and take a cut-off one for an empty text with the status it had begun with.
 */
export function boundedFetch(timeoutMs: number, closing: AbortSignal) {
  return async (url: string, init: RequestInit): Promise<Response> => {
    const signals = [closing, AbortSignal.timeout(timeoutMs), init.signal].filter((signal) => signal instanceof AbortSignal);
    const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
    const body = await bodyOf(response);
    const { status, headers } = response;
    return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(body), { status, headers });
  };
}
