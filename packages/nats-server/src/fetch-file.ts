import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

export interface FetchFileOptions {
  readonly connectMs: number;
  readonly stallMs: number;
  readonly totalMs: number;
  readonly signal: AbortSignal;
  readonly onBytes: (doneBytes: number, totalBytes: number | undefined) => void;
}

/** `unreachable` means that no server answered, so that asking for another file of it is in vain. */
export type FetchFileOutcome =
  | { readonly kind: 'fetched'; readonly sha256: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

const maxBytes = 200 * 1024 * 1024;

/** A signal that fires after a silence: `alive(ms)` starts the wait anew. */
function silenceWatch(): { signal: AbortSignal; alive(waitMs: number): void; end(): void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => clearTimeout(timer);
  const alive = (waitMs: number): void => {
    end();
    timer = setTimeout(() => controller.abort(new Error(`no byte within ${waitMs / 1000} s`)), waitMs);
  };
  return { signal: controller.signal, alive, end };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'the download took too long';
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message !== '' ? cause.message : 'code' in cause ? String(cause.code) : error.message;
}

async function save(response: Response, target: string, onChunk: (doneBytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  const chunks: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  const file = await open(target, 'w');
  let doneBytes = 0;
  try {
    for await (const chunk of chunks) {
      doneBytes += chunk.byteLength;
      if (doneBytes > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
      hash.update(chunk);
      await file.writeFile(chunk);
      onChunk(doneBytes);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

function lengthOf(response: Response): number | undefined {
  const header = response.headers.get('content-length');
  return header === null ? undefined : Number(header);
}

/** Downloads `url` into the file `target` and hashes it on the way. Follows redirects; never rejects. */
export async function fetchFile(url: string, target: string, options: FetchFileOptions): Promise<FetchFileOutcome> {
  const watch = silenceWatch();
  const signal = AbortSignal.any([options.signal, watch.signal, AbortSignal.timeout(options.totalMs)]);
  let answered = false;
  try {
    watch.alive(options.connectMs);
    const response = await fetch(url, { signal });
    answered = true;
    if (!response.ok) return { kind: 'refused', reason: `HTTP ${response.status}` };
    const totalBytes = lengthOf(response);
    watch.alive(options.stallMs);
    const sha256 = await save(response, target, (doneBytes) => {
      watch.alive(options.stallMs);
      options.onBytes(doneBytes, totalBytes);
    });
    return { kind: 'fetched', sha256 };
  } catch (error) {
    return { kind: answered ? 'refused' : 'unreachable', reason: describe(error) };
  } finally {
    watch.end();
  }
}
