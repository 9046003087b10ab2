import { headers as natsHeaders, type Msg } from '@nats-io/transport-node';
import { createInbox } from '@nats-io/nats-core';
import { HEADERS, type TraceContext, recordedContext, traceparentOf, WaybillError } from '@waybill/contracts';
import { NO_TRACING, preciseNow, type Tracing } from '@waybill/runtime/recording';
import type { Bus } from './bus.ts';
import { publishSpan } from './message-spans.ts';

/** Where a message was stored. `duplicate`: the stream knew the Msg-Id, `seq` is that of the first one. */
export interface Stored {
  readonly stream: string;
  readonly seq: number;
  readonly duplicate: boolean;
}

export interface OutgoingMessage {
  readonly subject: string;
  readonly body: Uint8Array | string;
  /** Every publish has one: a repeat within the stream's window is then stored once. */
  readonly msgId: string;
  /** A `traceparent` among them is the place of who writes the message. It is stored as that of the publishing itself. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PublisherOptions {
  /** How long an ack may take. */
  readonly timeoutMs?: number;
  /** Publishes in flight at most. */
  readonly maxPending?: number;
  readonly tracing?: Tracing;
  /** What spans say where they were made. */
  readonly region?: string;
  /** Called with the error's code for each message that was not acknowledged. */
  readonly onFailed?: (code: string) => void;
}

/** Stores one message and resolves with the stream's ack. Throws WB_NATS_AWAY (outcome unknown: repeat with the same Msg-Id) or WB_LOG_FULL. */
export type Publish = (message: OutgoingMessage) => Promise<Stored>;

interface Waiting {
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: WaybillError) => void;
  readonly deadlineMs: number;
}

/** JetStream API error codes that mean "no room": insufficient resources, storage exceeded, limits of account, server and stream. */
const FULL_CODES = new Set([10_002, 10_023, 10_028, 10_047, 10_077]);
const SWEEP_MS = 100;

/**
 * Publishes to streams with one reply subscription for all acks: 12-50 µs a message where awaited `js.publish` takes 98-152.
 * It does itself what that call did: timeout (one sweep for all), the ack's error, no responders, and a lost connection.
 */
export class Publisher {
  readonly #bus: Bus;
  readonly #inbox: string;
  readonly #waiting = new Map<string, Waiting>();
  readonly #timeoutMs: number;
  readonly #maxPending: number;
  readonly #tracing: Tracing;
  readonly #region: string | undefined;
  readonly #onFailed: (code: string) => void;
  readonly #stop: (() => void)[] = [];
  #next = 0;

  constructor(bus: Bus, options: PublisherOptions = {}) {
    this.#bus = bus;
    this.#inbox = createInbox(bus.inboxPrefix);
    this.#timeoutMs = options.timeoutMs ?? 1_500;
    this.#maxPending = options.maxPending ?? 8_192;
    this.#tracing = options.tracing ?? NO_TRACING;
    this.#region = options.region;
    this.#onFailed = options.onFailed ?? (() => undefined);
    const subscription = bus.nc.subscribe(`${this.#inbox}.*`, { callback: (error, reply) => this.#settle(error, reply) });
    const sweep = setInterval(() => this.#expire(performance.now()), SWEEP_MS);
    sweep.unref();
    const forget = bus.onDisconnect(() => this.#rejectAll('the connection was lost before the ack came'));
    this.#stop.push(
      forget,
      () => clearInterval(sweep),
      () => subscription.unsubscribe(),
    );
  }

  /**
   * A property, so that it can be handed on as the `Publish` port. The publishes of one turn of the event loop leave together (that halved the
   * server's cost per message).
   */
  readonly publish: Publish = (message) => {
    const context = this.#tracing.isOn ? recordedContext(message.headers?.[HEADERS.traceparent] ?? '') : undefined;
    return context === undefined ? this.#store(message) : this.#storeTraced(message, context);
  };

  /** Publishes in flight. */
  get pending(): number {
    return this.#waiting.size;
  }

  close(): void {
    for (const stop of this.#stop) stop();
    this.#rejectAll('the publisher was closed');
  }

  #store(message: OutgoingMessage): Promise<Stored> {
    return new Promise((resolve, refuse) => {
      const reject = (error: WaybillError): void => {
        this.#onFailed(error.code);
        refuse(error);
      };
      // The client would keep the message in memory while it reconnects and send it long after the caller was told "no".
      if (!this.#bus.isUp()) return reject(away('the connection is down'));
      if (this.#waiting.size >= this.#maxPending) return reject(away(`${this.#maxPending} publishes wait for their ack already`));
      const id = String((this.#next += 1));
      this.#waiting.set(id, { resolve, reject, deadlineMs: performance.now() + this.#timeoutMs });
      this.#bus.turn.atEnd(() => this.#send(id, message));
    });
  }

  async #storeTraced(message: OutgoingMessage, parent: TraceContext): Promise<Stored> {
    const { subject } = message;
    const [startMs, context] = [preciseNow(), this.#tracing.childOf(parent) ?? parent];
    const tell = (end: { stream?: string; error?: string }): void =>
      this.#tracing.record(publishSpan({ subject, parent, context, startMs, region: this.#region, ...end }));
    try {
      const stored = await this.#store({ ...message, headers: { ...message.headers, [HEADERS.traceparent]: traceparentOf(context) } });
      tell({ stream: stored.stream });
      return stored;
    } catch (error) {
      tell({ error: error instanceof WaybillError ? error.code : 'WB_INTERNAL' });
      throw error;
    }
  }

  #send(id: string, message: OutgoingMessage): void {
    // Whoever was told "no" meanwhile must not be sent after all.
    if (!this.#waiting.has(id)) return;
    try {
      this.#bus.nc.publish(message.subject, message.body, { reply: `${this.#inbox}.${id}`, headers: headersOf(message) });
    } catch (error) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      waiting?.reject(away('the connection is closed', error));
    }
  }

  #settle(error: Error | null, reply: Msg): void {
    const id = reply.subject.slice(this.#inbox.length + 1);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (error !== null) return waiting.reject(away('the reply could not be received', error));
    if (reply.data.length === 0) return waiting.reject(away('no stream takes this subject now'));
    const ack = reply.json<
      Omit<Stored, 'duplicate'> & { duplicate?: boolean; error?: { code: number; err_code: number; description: string } }
    >();
    if (ack.error === undefined) waiting.resolve({ stream: ack.stream, seq: ack.seq, duplicate: ack.duplicate ?? false });
    else waiting.reject(refused(ack.error));
  }

  #expire(nowMs: number): void {
    // Insertion order is deadline order, so the first that is not due ends the sweep.
    for (const [id, waiting] of this.#waiting) {
      if (waiting.deadlineMs > nowMs) return;
      this.#waiting.delete(id);
      waiting.reject(away(`no ack within ${this.#timeoutMs} ms`));
    }
  }

  #rejectAll(detail: string): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all) reject(away(detail));
  }
}

function headersOf(message: OutgoingMessage): ReturnType<typeof natsHeaders> {
  const headers = natsHeaders();
  headers.set(HEADERS.msgId, message.msgId);
  for (const [name, value] of Object.entries(message.headers ?? {})) headers.set(name, value);
  return headers;
}

function away(detail: string, cause?: unknown): WaybillError {
  return new WaybillError('WB_NATS_AWAY', detail, { cause, extra: { retryAfterSeconds: 1 } });
}

function refused(error: { code: number; err_code: number; description: string }): WaybillError {
  const detail = `${error.description} (${error.err_code})`;
  if (FULL_CODES.has(error.err_code)) return new WaybillError('WB_LOG_FULL', detail, { extra: { retryAfterSeconds: 30 } });
  if (error.code >= 500) return away(detail);
  return new WaybillError('WB_INTERNAL', `the stream refused the message: ${detail}`);
}
