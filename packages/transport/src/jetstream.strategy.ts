import { EventPattern, Server } from '@nestjs/microservices';
import type { Logger } from '@waybill/runtime';
import { NO_TRACING, type Tracing } from '@waybill/runtime/recording';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Bus } from './bus.ts';
import { isHandled } from './settlement.ts';
import { type Binding, type OnPoison, type Run, SourceReader } from './source-reader.ts';

/** Marks a controller's method as the handler of a binding. */
export function OnMessage(pattern: string): MethodDecorator {
  // As `unknown` it takes the plain overload: the one for strings types the method so that most do not fit (Nest 12.1).
  const metadata: unknown = pattern;
  return EventPattern(metadata);
}

/** A bus and the consumers that are read from it. */
export interface MessageSource {
  readonly bus: Bus;
  readonly bindings: readonly Binding[];
  /** Default: the strategy's. */
  readonly onPoison?: OnPoison;
  /** The region whose work is done with them, as spans tell it. Default: the strategy's. */
  readonly region?: string | undefined;
}

/** A source that is being read. */
export interface AttachedSource {
  /** Why one of its consumers is not read now; undefined when all are. Mended by itself, unless its bus was closed. */
  readonly failure: string | undefined;
  /** Pulls in a row that failed, at the consumer where it is worst; infinite for one that is not read any more. */
  readonly failedPulls: number;
  /** Stops taking messages, gives back those not begun, waits for those that run. Safe to call twice; never throws. The bus stays open. */
  detach(): Promise<void>;
}

export interface StrategyOptions {
  readonly logger: Logger;
  /** Records a poison message as a fact. It is termed only after this resolved. */
  readonly onPoison: OnPoison;
  /** A source that is read from the start on; without it the strategy cannot listen. Give both or none. */
  readonly bus?: Bus;
  readonly bindings?: readonly Binding[];
  /** Time that a drain gives to what runs. */
  readonly drainMs?: number;
  /** Records the handling of messages whose `traceparent` says that their trace is. */
  readonly tracing?: Tracing;
  readonly region?: string | undefined;
}

/**
 * Feeds Nest message handlers from JetStream consumers that were provisioned before; it never creates one.
 * Handlers return `Handled`; a throw means "again", and poison after ten crashes. Messages stay held (heartbeats) until settled.
 * Sources may come and go while it runs, each with its own connection; trouble of one never touches another's messages.
 */
export class JetStreamStrategy extends Server {
  readonly #options: StrategyOptions;
  readonly #readers = new Set<SourceReader>();
  readonly #listening = Promise.withResolvers<void>();
  #closing = false;

  constructor(options: StrategyOptions) {
    super();
    this.#options = options;
    // Nobody may be waiting for it when a strategy is closed that never listened.
    this.#listening.promise.catch(() => undefined);
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
    const { bus, bindings = [] } = this.#options;
    try {
      if (bus !== undefined) await this.#open({ bus, bindings });
      this.#listening.resolve();
      callback();
    } catch (error) {
      this.#listening.reject(error);
      callback(error);
    }
  }

  /**
   * Starts to read a source; resolves when all its consumers are. Before `listen` it waits for that (the handlers are known only then), so do not
   * wait for it there. Throws WB_TOPOLOGY_MISSING (a consumer does not exist), WB_NATS_AWAY, and when the strategy is closed; nothing of the source is read
   * then.
   */
  async attach(source: MessageSource): Promise<AttachedSource> {
    await this.#listening.promise;
    const reader = await this.#open(source);
    return {
      get failure() {
        return reader.failure;
      },
      get failedPulls() {
        return reader.failedPulls;
      },
      detach: () => this.#detach(reader),
    };
  }

  /** Detaches all sources at once. Safe to call twice. */
  override async close(): Promise<void> {
    this.#closing = true;
    this.#listening.reject(new Error('the strategy is closed'));
    await Promise.all([...this.#readers].map((reader) => this.#detach(reader)));
  }

  async #open({ bus, bindings, onPoison, region = this.#options.region }: MessageSource): Promise<SourceReader> {
    const { logger, drainMs = 20_000, tracing = NO_TRACING } = this.#options;
    const reader = new SourceReader({ bus, logger, onPoison: onPoison ?? this.#options.onPoison, drainMs, tracing, region });
    this.#readers.add(reader);
    try {
      for (const binding of bindings) await reader.consume(binding, this.#handlerOf(binding.pattern));
      if (this.#closing) throw new Error('the strategy is closed');
      return reader;
    } catch (error) {
      await this.#detach(reader);
      throw error;
    }
  }

  async #detach(reader: SourceReader): Promise<void> {
    await reader.close();
    this.#readers.delete(reader);
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
}
