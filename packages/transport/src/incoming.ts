import type { JsMsg } from '@nats-io/jetstream';

/** A message that was read from a stream. It cannot be settled from here: handlers say what happened, the strategy settles. */
export interface Incoming {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly stream: string;
  /** Sequence in `stream`. */
  readonly seq: number;
  /** 1 for the first delivery. */
  readonly deliveryCount: number;
  /** When the stream stored it. */
  readonly timestampMs: number;
  /** A header's value; empty when it is missing. */
  header(name: string): string;
}

/** Reads a JetStream message lazily: its info is parsed from the reply subject only when asked for. */
export class StreamMessage implements Incoming {
  readonly #message: JsMsg;

  constructor(message: JsMsg) {
    this.#message = message;
  }

  get subject(): string {
    return this.#message.subject;
  }
  get body(): Uint8Array {
    return this.#message.data;
  }
  get stream(): string {
    return this.#message.info.stream;
  }
  get seq(): number {
    return this.#message.seq;
  }
  get deliveryCount(): number {
    return this.#message.info.deliveryCount;
  }
  get timestampMs(): number {
    return Math.floor(this.#message.info.timestampNanos / 1e6);
  }
  header(name: string): string {
    return this.#message.headers?.get(name) ?? '';
  }
}
