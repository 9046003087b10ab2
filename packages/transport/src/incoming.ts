import type { JsMsg } from '@nats-io/jetstream';
import type { TraceContext } from '@waybill/contracts';

/** Where a copied message was stored first. */
export interface Origin {
  readonly stream: string;
  /** Sequence in that stream. */
  readonly seq: number;
}

/** A message that was read from a stream. It cannot be settled from here: handlers say what happened, the strategy settles. */
export interface Incoming {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly stream: string;
  /** Sequence in `stream`. */
  readonly seq: number;
  /** Only for messages that were copied from another region's stream. */
  readonly origin?: Origin | undefined;
  /** 1 for the first delivery. */
  readonly deliveryCount: number;
  /** When the stream stored it. */
  readonly timestampMs: number;
  /** Where this handling of it stands in a trace; undefined when that is not recorded. */
  readonly trace?: TraceContext | undefined;
  /** A header's value; empty when it is missing. */
  header(name: string): string;
}

/** `<stream>[:<hash of its API>[:<consumer>]] <seq> <filter> <transform> <subject> [<identity>]` (2.15.1). */
const SOURCE_HEADER = 'Nats-Stream-Source';
const SOURCE = /^([^ :]+)\S* (\d+) /;

/** Reads the header that a server puts on messages it copies; undefined for any other text. */
export function parseOrigin(header: string): Origin | undefined {
  const [, stream, seq] = SOURCE.exec(header) ?? [];
  return stream === undefined ? undefined : { stream, seq: Number(seq) };
}

/** Reads a JetStream message lazily: its info is parsed from the reply subject only when asked for. */
export class StreamMessage implements Incoming {
  readonly #message: JsMsg;
  readonly trace: TraceContext | undefined;

  constructor(message: JsMsg, trace?: TraceContext) {
    this.#message = message;
    this.trace = trace;
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
  get origin(): Origin | undefined {
    return parseOrigin(this.header(SOURCE_HEADER));
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
