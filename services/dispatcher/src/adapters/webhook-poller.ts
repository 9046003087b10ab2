import { setTimeout as sleep } from 'node:timers/promises';
import { CONSUMERS, streamNames } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import type { Binding, Bus, Handled, Incoming } from '@waybill/transport';
import type { AttemptDelivery } from '../application/attempt-delivery.ts';
import { deliverPlan, type DeliverPlanPorts } from '../application/deliver-plan.ts';
import type { EndpointGate } from '../application/endpoint-gate.ts';
import type { OwnOutput, ReadOwnFacts } from '../application/own-output.ts';
import type { OrderedLanes } from '../application/ordering/ordered-lanes.ts';
import { type Persistence, Stopping } from '../application/persistence.ts';
import { retryDue, type RetryDuePorts } from '../application/retry-due.ts';
import { setDueAside, type SetAsidePorts, setPlanAside } from '../application/set-aside.ts';
import { planConsumers } from './plan-consumers.ts';

export interface WebhookPollerOptions {
  readonly region: string;
  readonly hasPeers: boolean;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly attempts: AttemptDelivery;
  readonly lanes: OrderedLanes;
  readonly gate: EndpointGate;
  readonly own: OwnOutput;
  readonly readOwnFacts: ReadOwnFacts;
  readonly payloads: Pick<RetryDuePorts, 'readMessage' | 'findPlan'>;
  readonly registry: Pick<DeliverPlanPorts, 'registryAtLeast' | 'isKnown'>;
  readonly persistence: Persistence;
  readonly stop: AbortController;
  readonly appendEventRefused: SetAsidePorts['appendEventRefused'];
  readonly nowMs: () => number;
  readonly concurrency: number;
  /** Wait of one pull, in ms; absent: the transport's. */
  readonly pullMs?: number | undefined;
}

const SWEEP_MS = 250;
/** How often it is looked whether whoever others wait for is still there. */
const VERIFY_MS = 300_000;
/** What is left of a stop for writes that still wait for NATS. */
const LAST_WRITES_MS = 10_000;

/** Takes a region's plans and fired retries, and sees to what they ask for. */
export class WebhookPoller {
  readonly region: string;
  readonly #options: WebhookPollerOptions;
  readonly #streams: ReadonlySet<string>;
  readonly #stops: (() => void)[] = [];

  constructor(options: WebhookPollerOptions) {
    this.region = options.region;
    this.#options = options;
    this.#streams = new Set(this.bindings().map(({ stream }) => stream));
  }

  /** Reads what this service did before, now and after every lost connection, and only then takes work. */
  async start(): Promise<void> {
    const { bus, gate, lanes } = this.#options;
    await this.#recover();
    const sweep = setInterval(() => gate.sweep(), SWEEP_MS);
    const verify = setInterval(() => void lanes.verify().catch(() => undefined), VERIFY_MS).unref();
    this.#stops.push(
      () => clearInterval(sweep),
      () => clearInterval(verify),
      bus.onReconnect(() => void lanes.recall(this.#recover()).catch(() => undefined)),
    );
  }

  /** The consumers that feed this worker. Fired retries have a queue of their own, and so do strict tenants: they wait for nobody. */
  bindings(): readonly (Binding & { readonly pattern: 'plan.made' | 'retry.due' })[] {
    const { concurrency, pullMs, hasPeers } = this.#options;
    const common = { concurrency, pullMs };
    const plans = planConsumers(this.region, hasPeers).map(({ stream, durable }) => {
      return { pattern: 'plan.made', stream, durable, ...common } as const;
    });
    return [...plans, { pattern: 'retry.due', stream: streamNames(this.region).retry, durable: CONSUMERS.dispatcherDue, ...common }];
  }

  /** Whether the messages of this stream are this region's work. */
  feedsOn(stream: string): boolean {
    return this.#streams.has(stream);
  }

  plan(message: Incoming): Promise<Handled> {
    const { attempts, lanes, registry, own } = this.#options;
    const { origin, timestampMs } = message;
    // PEERS may have been made anew: then plans come again that were delivered long before this process began to remember.
    const recovered = (sinceMs: number | undefined): Promise<void> =>
      origin === undefined ? own.ready() : own.cover(this.#readPersistently, sinceMs ?? timestampMs);
    return orAgain(deliverPlan({ attempts, lanes, ...registry, recovered }, message));
  }

  due(message: Incoming): Promise<Handled> {
    const { attempts, lanes, payloads, own } = this.#options;
    const covered = (sinceMs: number): Promise<void> => own.cover(this.#readPersistently, sinceMs);
    return orAgain(retryDue({ attempts, lanes, ...payloads, covered }, message.body));
  }

  /** Records what can never be handled. */
  async setAside(message: Incoming, reason: string): Promise<void> {
    const { logger } = this.#options;
    const { stream, seq, subject, body, deliveryCount, origin, trace } = message;
    logger.error({ event: 'dispatcher.poison', stream, seq, reason }, 'set aside');
    if (stream === streamNames(this.region).retry) return setDueAside(this.#options, body);
    return setPlanAside(this.#options, { stream, seq, subject, body, deliveryCount, trace, originSeq: origin?.seq ?? seq }, reason);
  }

  /** Admits nobody any more; what is in flight goes on, and may write for ten more seconds. */
  stopTaking(): void {
    const { gate, lanes, stop } = this.#options;
    gate.stop();
    lanes.stop();
    setTimeout(() => stop.abort(), LAST_WRITES_MS).unref();
  }

  /** Gives up what still waits to be written. */
  close(): void {
    this.#options.stop.abort();
    for (const stop of this.#stops) stop();
  }

  /** Tries until it worked: judging work without the memory of what was done would do it twice. */
  #recover(): Promise<void> {
    return this.#options.own.recover(this.#readPersistently);
  }

  readonly #readPersistently: ReadOwnFacts = async (visit, sinceMs) => {
    const { own, readOwnFacts, persistence, logger } = this.#options;
    const coveredMs = await persistence.until(() => readOwnFacts(visit, sinceMs));
    logger.debug({ event: 'dispatcher.recovered', known: own.size, sinceMs: coveredMs }, 'own output read');
    return coveredMs;
  };
}

/** A stopping process gives its work back. */
async function orAgain(work: Promise<Handled>): Promise<Handled> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Stopping) return { kind: 'again', delayMs: 0 };
    throw error;
  }
}

/** Waits `ms`, or rejects as soon as `signal` aborts. */
export const sleepUntilStopped = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal });
