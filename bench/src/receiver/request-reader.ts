/** What a receiver looks at in a request; the body is counted, not kept. */
export interface RequestSeen {
  readonly path: string;
  /** Value of `webhook-id`; empty when it is missing. */
  readonly webhookId: string;
}

/** The bytes cannot be read as HTTP/1.1 with a Content-Length. */
export class UnreadableRequest extends Error {
  override readonly name = 'UnreadableRequest';
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const MAX_HEAD_BYTES = 65_536;

/**
 * Takes the requests of one keep-alive connection apart, as cheaply as possible: no header object, no body kept. Understands what a
 * well-behaved client sends (request line, Content-Length); anything else throws UnreadableRequest.
 */
export class RequestReader {
  readonly #seen: (request: RequestSeen) => void;
  #held: Buffer = Buffer.alloc(0);
  #bodyLeft = 0;
  #current: RequestSeen | undefined;

  constructor(seen: (request: RequestSeen) => void) {
    this.#seen = seen;
  }

  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    while (rest.length > 0) {
      const next = this.#current === undefined ? this.#head(rest) : rest;
      if (next === undefined) {
        this.#held = rest;
        return;
      }
      rest = this.#body(next);
    }
  }

  /** Reads a head and returns what follows it; undefined when it is not complete. */
  #head(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(END_OF_HEAD);
    if (end < 0 && bytes.length > MAX_HEAD_BYTES) throw new UnreadableRequest('the head does not end');
    if (end < 0) return undefined;
    const head = bytes.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new UnreadableRequest('no Content-Length');
    this.#bodyLeft = Number(length);
    this.#current = { path: head.split(' ', 2)[1] ?? '', webhookId: /\r\nwebhook-id: *([^\r]*)/i.exec(head)?.[1] ?? '' };
    const rest = bytes.subarray(end + END_OF_HEAD.length);
    if (this.#bodyLeft === 0) this.#complete();
    return rest;
  }

  #body(bytes: Buffer): Buffer {
    const taken = Math.min(this.#bodyLeft, bytes.length);
    this.#bodyLeft -= taken;
    if (this.#bodyLeft === 0) this.#complete();
    return bytes.subarray(taken);
  }

  #complete(): void {
    const request = this.#current;
    this.#current = undefined;
    if (request !== undefined) this.#seen(request);
  }
}
