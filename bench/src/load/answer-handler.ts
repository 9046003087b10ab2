import type { Dispatcher } from 'undici';

/** The answer to one event. `error` is set when there was none. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly error?: string;
}

/** Collects an answer at the lowest level that undici offers: no streams, no promises. `done` is called once. */
export class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #done: (answer: Answer) => void;
  #status = 0;
  #body = '';

  constructor(done: (answer: Answer) => void) {
    this.#done = done;
  }

  onRequestStart(): void {
    // Named so that undici takes this for a handler of its present kind.
  }
  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }
  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body += chunk.toString('latin1');
  }
  onResponseEnd(): void {
    this.#done({ status: this.#status, body: this.#body });
  }
  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
    this.#done({ status: 0, body: '', error: code });
  }
}
