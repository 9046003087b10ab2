import { EventPattern, Server } from '@nestjs/microservices';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { isWaybillError, WaybillError } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Bus } from './bus.ts';
import { HeldMessages } from './held-messages.ts';
import { type Incoming, StreamMessage } from './incoming.ts';
import { type Handled, isHandled, settle } from './settlement.ts';

/** Marks a controller's method as the handler of a binding. */
export function OnMessage(pattern: string): MethodDecorator {
  // As `unknown` it takes the plain overload: the one for strings types the method so that most do not fit (Nest 12.1).
  const metadata: unknown = pattern;
  return EventPattern(metadata);
}

/** Which durable consumer feeds which handler. */
export interface Binding {
  /** Name of the handler, as in `@OnMessage(name)`. */
  readonly pattern: string;
  readonly stream: string;
  readonly durable: string;
  /** Handlers that run at once; what is held beyond that waits its turn and is bounded by the consumer's max_ack_pending. */
  readonly concurrency: number;
}

export interface StrategyOptions {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly bindings: readonly Binding[];
  /** Records a poison message as a fact. It is termed only after this resolved. */
  readonly onPoison: (message: Incoming, reason: string) => Promise<void>;
  /** Time that a drain gives to what runs. */
  readonly drainMs?: number;
}

/** A third of the consumers' ack_wait (15 s): one lost heartbeat does no harm. */
const HEARTBEAT_MS = 5_000;
/** An unexpected error is tried this often before the message counts as poison. */
const MAX_CRASHES = 10;
const CRASH_DELAY_MS = 2_000;

type Run = (message: Incoming) => Promise<Handled>;

interface Lane extends Binding {
  readonly run: Run;
  readonly waiting: JsMsg[];
  running: number;
}

/**
 * Feeds Nest message handlers from JetStream consumers that were provisioned before; it never creates one.
 * Handlers return `Handled`; a throw means "again", and poison after ten crashes. Messages stay held (heartbeats) until settled.
 */
export class JetStreamStrategy extends Server {
  readonly #options: StrategyOptions;
  readonly #held = new HeldMessages(HEARTBEAT_MS);
  readonly #consuming: ConsumerMessages[] = [];
  readonly #lanes: Lane[] = [];
  #closing = false;

  constructor(options: StrategyOptions) {
    super();
    this.#options = options;
  }

  override on(): void {
    throw new Error('this transport emits no events');
  }

  override unwrap<T>(): T {
    throw new Error('use the Bus, which owns the connection');
  }

  override addHandler(...[pattern, callback, isEvent, extras]: Parameters<Server['addHandler']>): void {
    if (this.messageHandlers.has(String(pattern))) throw new Error(`two handlers for ${String(pattern)}: one message has one outcome`);
    super.addHandler(pattern, callback, isEvent, extras);
  }

  override async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      for (const binding of this.#options.bindings) await this.#consume(binding);
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Stops taking messages, gives back those not begun, waits for those that run. Safe to call twice. */
  override async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    for (const messages of this.#consuming) messages.stop();
    for (const lane of this.#lanes) for (const message of lane.waiting.splice(0)) this.#giveBack(message);
    const settled = await this.#held.whenEmpty(this.#options.drainMs ?? 20_000);
    if (!settled) this.#options.logger.warn({ event: 'transport.drain', held: this.#held.size }, 'stopping with messages unsettled');
    this.#held.stop();
    this.#options.bus.turn.end();
    if (this.#options.bus.isUp()) await this.#options.bus.nc.flush();
  }

  async #consume(binding: Binding): Promise<void> {
    const consumer = await this.#options.bus.js.consumers.get(binding.stream, binding.durable).catch((error: unknown) => {
      throw new WaybillError('WB_TOPOLOGY_MISSING', `consumer ${binding.durable} on ${binding.stream}`, { cause: error });
    });
    const lane: Lane = { ...binding, run: this.#handlerOf(binding.pattern), waiting: [], running: 0 };
    this.#lanes.push(lane);
    this.#consuming.push(await consumer.consume({ max_messages: binding.concurrency, callback: (message) => this.#take(lane, message) }));
  }

  #handlerOf(pattern: string): Run {
    const handler = this.getHandlerByPattern(pattern);
    if (handler === null) throw new Error(`no handler is marked @OnMessage('${pattern}')`);
    return async (message) => {
      const result: unknown = await handler(message);
      // An Observable must be awaited to its end, or the message is acked before its work is done.
      const handled = isObservable(result) ? await lastValueFrom(result, { defaultValue: undefined }) : result;
      if (!isHandled(handled)) throw new TypeError(`the handler of ${pattern} did not say what it did`);
      return handled;
    };
  }

  #take(lane: Lane, message: JsMsg): void {
    if (this.#closing) return message.nak();
    this.#held.hold(message);
    if (lane.running >= lane.concurrency) lane.waiting.push(message);
    else void this.#work(lane, message);
  }

  async #work(lane: Lane, first: JsMsg): Promise<void> {
    lane.running += 1;
    for (let message: JsMsg | undefined = first; message !== undefined; message = lane.waiting.shift()) {
      const handled = await this.#handle(lane, new StreamMessage(message));
      this.#settle(message, handled);
    }
    lane.running -= 1;
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
      return { kind: 'again', delayMs: CRASH_DELAY_MS };
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
    return { kind: 'again', delayMs: CRASH_DELAY_MS };
  }

  #giveBack(message: JsMsg): void {
    this.#settle(message, { kind: 'again', delayMs: 0 });
  }
}
