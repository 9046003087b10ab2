import type { Dispatcher } from 'undici';
import type { AttemptPhases } from '../../application/attempt-ports.ts';
import { type Failure, failureOf } from './failure-of.ts';

/** A receiver's answer: its status counts as soon as the body ended or grew over the cap. `excerpt` is the beginning of the body as text. */
export interface Answered {
  readonly kind: 'answered';
  readonly status: number;
  readonly retryAfter?: string;
  readonly excerpt?: string;
}

/** What came back, and when: see `AttemptPhases`. Absent when nothing was sent or asked for. */
export type Answer = (Answered | Failure) & { readonly phases?: AttemptPhases };

/** Bytes of a response that are read; more is discarded with the connection. */
const MAX_RESPONSE_BYTES = 64 * 1024;
const MAX_EXCERPT_BYTES = 1024;

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** One request on its way: collects what comes back and settles exactly once, also when it never started. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #settle: (answer: Answer) => void;
  readonly #begunMs = performance.now();
  #connects = false;
  #sentMs: number | undefined;
  #answeredMs: number | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #retryAfter: string | undefined;
  #excerpt: Buffer | undefined;
  #read = 0;

  constructor(settle: (answer: Answer) => void) {
    this.#settle = settle;
  }

  /** Notes that a connection is being made for it. */
  connects(): void {
    this.#connects = true;
  }

  /** Ends it as a timeout; the connection is closed. A request that still waited for a connection is never sent. */
  expire(limitMs: number): void {
    this.#finish({ kind: 'failed', reason: 'timeout', detail: `no complete answer within ${limitMs} ms` });
    this.#controller?.abort(new Error('the time for one attempt is over'));
  }

  /** Ends it because the region must not deliver any more; the connection is closed. Whether the receiver got it stays unknown. */
  cutOff(): void {
    this.#finish({
      kind: 'failed',
      reason: 'fenced',
      detail: 'cut off: the region may not deliver any more; the receiver may have got it',
    });
    this.#controller?.abort(new Error('the region may not deliver any more'));
  }

  /** Ends it with a failure that happened outside. */
  fail(failure: Failure): void {
    this.#finish(failure);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#sentMs = performance.now();
    if (this.#settled) controller.abort(new Error('it was over before it started'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return; // 1xx announces the answer, it is not one
    this.#status = status;
    this.#answeredMs = performance.now();
    const retryAfter = headers['retry-after'];
    this.#retryAfter = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#read < MAX_EXCERPT_BYTES) this.#keep(chunk.subarray(0, MAX_EXCERPT_BYTES - this.#read));
    this.#read += chunk.length;
    if (this.#read <= MAX_RESPONSE_BYTES || this.#settled) return;
    this.#finish(this.#answered());
    controller.abort(new Error('the rest of the response is not read'));
  }

  onResponseEnd(): void {
    this.#finish(this.#answered());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish(failureOf(error, this.#controller !== undefined));
  }

  /** Copies, for a chunk is a view into a read buffer far larger than itself. */
  #keep(chunk: Buffer): void {
    this.#excerpt = this.#excerpt === undefined ? Buffer.from(chunk) : Buffer.concat([this.#excerpt, chunk]);
  }

  #answered(): Answered {
    return {
      kind: 'answered',
      status: this.#status,
      ...(this.#retryAfter === undefined ? {} : { retryAfter: this.#retryAfter }),
      ...(this.#excerpt === undefined ? {} : { excerpt: asText(this.#excerpt) }),
    };
  }

  #finish(answer: Answered | Failure): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle({ ...answer, phases: this.#phases() });
  }

  #phases(): AttemptPhases {
    const since = (ms: number): number => ms - this.#begunMs;
    return {
      ...(this.#connects ? { connectMs: since(this.#sentMs ?? performance.now()) } : {}),
      ...(this.#answeredMs === undefined ? {} : { firstByteMs: since(this.#answeredMs) }),
    };
  }
}

/** Read models keep the excerpt as text, and PostgreSQL's text holds no NUL. */
const asText = (bytes: Buffer): string => bytes.toString('utf8').replaceAll('\0', '\u{fffd}');
