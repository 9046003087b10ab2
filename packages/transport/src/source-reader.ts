import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { isWaybillError, type TraceContext, WaybillError } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { preciseNow, type Tracing } from '@waybill/runtime/recording';
import type { Bus } from './bus.ts';
import { HeldMessages } from './held-messages.ts';
import { type Incoming, StreamMessage } from './incoming.ts';
import { parentOf, processSpan } from './message-spans.ts';
import { API_ERRORS } from './provision.ts';
import { type Handled, settle } from './settlement.ts';

/** Which durable consumer feeds which handler. */
export interface Binding {
  /** Name of the handler, as in `@OnMessage(name)`. */
  readonly pattern: string;
  readonly stream: string;
  readonly durable: string;
  /** Handlers that run at once; what is held beyond that waits its turn and is bounded by the consumer's max_ack_pending. */
  readonly concurrency: number;
  /** How long one pull waits for messages, in ms; at least a second, which is the shortest the client knows. Default: 30 s. */
  readonly pullMs?: number | undefined;
}

export type Run = (message: Incoming) => Promise<Handled>;

/** Records a poison message as a fact. It is termed only after this resolved. */
export type OnPoison = (message: Incoming, reason: string) => Promise<void>;

export interface ReaderOptions {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly onPoison: OnPoison;
  /** Time that a drain gives to what runs. */
  readonly drainMs: number;
  readonly tracing: Tracing;
  readonly region: string | undefined;
}

/** A third of the consumers' ack_wait (15 s): one lost heartbeat does no harm. */
const HEARTBEAT_MS = 5_000;
/** An unexpected error is tried this often before the message counts as poison. */
const MAX_CRASHES = 10;
const CRASHED: Handled = { kind: 'again', delayMs: 2_000, reason: 'the handler failed' };
/** A server that hangs must not hold up who stops. */
const FLUSH_MS = 1_000;
/** What the client tells while a consumer cannot be read; it goes on trying. */
const TROUBLE = new Set(['consumer_deleted', 'consumer_not_found', 'stream_not_found', 'heartbeats_missed', 'no_responders']);
const SHORTEST_PULL_MS = 1_000;
const MISSING = new Set<unknown>(Object.values(API_ERRORS));

interface Lane extends Binding {
  readonly run: Run;
  /** What it reads, in words. */
  readonly what: string;
  readonly waiting: JsMsg[];
  running: number;
}

/** Reads the consumers of one bus and settles what they hand out. Knows nothing of other buses, so that trouble of one stays its own. */
export class SourceReader {
  readonly #options: ReaderOptions;
  readonly #held = new HeldMessages(HEARTBEAT_MS);
  readonly #consuming: ConsumerMessages[] = [];
  readonly #lanes: Lane[] = [];
  readonly #troubles = new Map<string, string>();
  /** Pulls that failed since the last sign of life, by consumer. */
  readonly #failedPulls = new Map<string, number>();
  #closing: Promise<void> | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Why a consumer is not read now; undefined when all are. */
  get failure(): string | undefined {
    return [...this.#troubles.values()][0];
  }

  /** Pulls in a row that gave no sign of life, at the consumer where it is worst. */
  get failedPulls(): number {
    return Math.max(0, ...this.#failedPulls.values());
  }

  /** Starts to read. Throws WB_TOPOLOGY_MISSING when the consumer does not exist and WB_NATS_AWAY when that cannot be known. */
  async consume(binding: Binding, run: Run): Promise<void> {
    const what = `consumer ${binding.durable} on ${binding.stream}`;
    const consumer = await this.#options.bus.js.consumers.get(binding.stream, binding.durable).catch((cause: unknown) => {
      const missing = cause instanceof Error && 'code' in cause && MISSING.has(cause.code);
      throw new WaybillError(missing ? 'WB_TOPOLOGY_MISSING' : 'WB_NATS_AWAY', what, { cause });
    });
    const lane: Lane = { ...binding, run, what, waiting: [], running: 0 };
    this.#lanes.push(lane);
    const expires = binding.pullMs === undefined ? {} : { expires: Math.max(SHORTEST_PULL_MS, binding.pullMs) };
    const messages = await consumer.consume({
      max_messages: binding.concurrency,
      callback: (message) => this.#take(lane, message),
      ...expires,
    });
    this.#consuming.push(messages);
    void this.#watch(what, messages);
  }

  /** Stops taking messages, gives back those not begun, waits for those that run. Safe to call twice; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { bus, drainMs, logger } = this.#options;
    for (const messages of this.#consuming) quietly(() => messages.stop());
    for (const lane of this.#lanes) for (const message of lane.waiting.splice(0)) this.#giveBack(message);
    const settled = await this.#held.whenEmpty(drainMs);
    if (!settled) logger.warn({ event: 'transport.drain', held: this.#held.size }, 'stopping with messages unsettled');
    this.#held.stop();
    bus.turn.end();
    if (bus.isUp()) await Promise.race([bus.nc.flush().catch(() => undefined), after(FLUSH_MS)]);
  }

  async #watch(what: string, messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) {
      if (type === 'heartbeat') this.#isRead(what);
      else if (TROUBLE.has(type)) this.#pullFailed(what, type);
    }
    if (this.#closing !== undefined) return;
    this.#troubles.set(what, `${what} is not read any more`);
    this.#failedPulls.set(what, Number.POSITIVE_INFINITY);
    this.#options.logger.error({ event: 'transport.consumer_ended', what }, 'its connection was closed or it was refused');
  }

  #isRead(what: string): void {
    if (this.#troubles.size === 0) return;
    this.#troubles.delete(what);
    this.#failedPulls.delete(what);
  }

  #pullFailed(what: string, reason: string): void {
    this.#failedPulls.set(what, (this.#failedPulls.get(what) ?? 0) + 1);
    if (this.#troubles.has(what)) return;
    this.#troubles.set(what, `${what}: ${reason}`);
    this.#options.logger.warn({ event: 'transport.consumer_unread', what, reason }, 'it is tried on');
  }

  #take(lane: Lane, message: JsMsg): void {
    if (this.#closing !== undefined) return message.nak();
    this.#isRead(lane.what);
    this.#held.hold(message);
    if (lane.running >= lane.concurrency) lane.waiting.push(message);
    else void this.#work(lane, message);
  }

  async #work(lane: Lane, first: JsMsg): Promise<void> {
    lane.running += 1;
    for (let message: JsMsg | undefined = first; message !== undefined; message = lane.waiting.shift()) {
      const parent = this.#options.tracing.isOn ? parentOf(message) : undefined;
      if (parent === undefined) this.#settle(message, await this.#handle(lane, new StreamMessage(message)));
      else await this.#workTraced(lane, message, parent);
    }
    lane.running -= 1;
  }

  async #workTraced(lane: Lane, message: JsMsg, parent: TraceContext): Promise<void> {
    const { tracing, region } = this.#options;
    const [startMs, context] = [preciseNow(), tracing.childOf(parent) ?? parent];
    const incoming = new StreamMessage(message, context);
    const handled = await this.#handle(lane, incoming);
    this.#settle(message, handled);
    tracing.record(processSpan({ incoming, consumer: lane.durable, parent, context, startMs, region, ...outcomeOf(handled) }));
  }

  /** Released at once, for the answer is as good as given: a connection that swallows it has the message handed out again and recognised. */
  #settle(message: JsMsg, handled: Handled): void {
    this.#options.bus.turn.atEnd(() => this.#answer(message, handled));
    this.#held.release(message);
  }

  #answer(message: JsMsg, handled: Handled): void {
    try {
      settle(message, handled);
    } catch (error) {
      this.#options.logger.debug({ event: 'transport.settle_failed', err: error }, 'the connection is closed');
    }
  }

  async #handle(lane: Lane, message: Incoming): Promise<Handled> {
    let handled: Handled;
    try {
      handled = await lane.run(message);
    } catch (error) {
      handled = this.#afterCrash(lane, message, error);
    }
    if (handled.kind !== 'poison') return handled;
    try {
      await this.#options.onPoison(message, handled.reason);
      return handled;
    } catch (error) {
      this.#options.logger.warn({ event: 'transport.poison_unrecorded', err: error, seq: message.seq }, 'will be tried again');
      return CRASHED;
    }
  }

  #afterCrash(lane: Lane, message: Incoming, error: unknown): Handled {
    const expected = isWaybillError(error);
    const fields = {
      event: 'transport.handler_failed',
      handler: lane.pattern,
      seq: message.seq,
      deliveryCount: message.deliveryCount,
      err: error,
    };
    this.#options.logger[expected ? 'debug' : 'error'](fields, 'the message will be handed out again');
    if (!expected && message.deliveryCount >= MAX_CRASHES)
      return { kind: 'poison', reason: `handler failed ${MAX_CRASHES} times: ${String(error)}` };
    return CRASHED;
  }

  #giveBack(message: JsMsg): void {
    this.#settle(message, { kind: 'again', delayMs: 0 });
  }
}

/** A handler that says "again" by itself did not fail. Why it did stays unsaid: the text may be of another making. */
const outcomeOf = (handled: Handled): { readonly outcome: string; readonly error: string | undefined } => {
  const { kind: outcome } = handled;
  return { outcome, error: handled === CRASHED || outcome === 'poison' ? outcome : undefined };
};

/** The connection may have been closed before its reader. */
function quietly(stop: () => void): void {
  try {
    stop();
  } catch {
    // Nothing is left to stop.
  }
}

const after = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref());
