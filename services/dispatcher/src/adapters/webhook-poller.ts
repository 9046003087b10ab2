import { setTimeout as sleep } from 'node:timers/promises';
import { CONSUMERS, streamNames } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import type { Binding, Bus, Handled, Incoming } from '@waybill/transport';
import type { AttemptDelivery } from '../application/attempt-delivery.ts';
import { deliverPlan, type DeliverPlanPorts } from '../application/deliver-plan.ts';
import type { RegionWorker } from '../application/delivery-manager.ts';
import type { EndpointGate } from '../application/endpoint-gate.ts';
import type { OwnOutput, ReadOwnFacts } from '../application/own-output.ts';
import { type Persistence, Stopping } from '../application/persistence.ts';
import { type ReadMessage, retryDue } from '../application/retry-due.ts';
import { setDueAside, type SetAsidePorts, setPlanAside } from '../application/set-aside.ts';

export interface WebhookPollerOptions {
  readonly region: string;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly attempts: AttemptDelivery;
  readonly gate: EndpointGate;
  readonly own: OwnOutput;
  readonly readOwnFacts: ReadOwnFacts;
  readonly readMessage: ReadMessage;
  readonly registryAtLeast: DeliverPlanPorts['registryAtLeast'];
  readonly persistence: Persistence;
  readonly stop: AbortController;
  readonly setAside: SetAsidePorts;
  readonly concurrency: number;
  readonly closeConnections: () => Promise<void>;
}

const SWEEP_MS = 250;
/** What is left of a stop for writes that still wait for NATS. */
const LAST_WRITES_MS = 10_000;

/** The worker of one region: takes the region's plans and fired retries, and owns what it takes to deliver them. */
export class WebhookPoller implements RegionWorker {
  readonly region: string;
  readonly #options: WebhookPollerOptions;
  readonly #stops: (() => void)[] = [];

  constructor(options: WebhookPollerOptions) {
    this.region = options.region;
    this.#options = options;
  }

  /** Reads what this service did before, now and after every lost connection, and only then takes work. */
  async start(): Promise<void> {
    const { bus, gate } = this.#options;
    await this.#recover();
    const sweep = setInterval(() => gate.sweep(), SWEEP_MS);
    this.#stops.push(
      () => clearInterval(sweep),
      bus.onReconnect(() => void this.#recover().catch(() => undefined)),
    );
  }

  /** The consumers that feed this worker. Two for one gate: fired retries get a queue of their own, so that they wait for nobody. */
  bindings(): readonly (Binding & { readonly pattern: 'plan.made' | 'retry.due' })[] {
    const { log, retry } = streamNames(this.region);
    const { concurrency } = this.#options;
    return [
      { pattern: 'plan.made', stream: log, durable: CONSUMERS.dispatcherPlans, concurrency },
      { pattern: 'retry.due', stream: retry, durable: CONSUMERS.dispatcherDue, concurrency },
    ];
  }

  plan(message: Incoming): Promise<Handled> {
    const { attempts, registryAtLeast, own } = this.#options;
    return orAgain(deliverPlan({ attempts, registryAtLeast, recovered: () => own.ready() }, message));
  }

  due(message: Incoming): Promise<Handled> {
    const { attempts, readMessage, own } = this.#options;
    const covered = (sinceMs: number): Promise<void> => own.cover(this.#readPersistently, sinceMs);
    return orAgain(retryDue({ attempts, readMessage, covered }, message.body));
  }

  /** Records what can never be handled. */
  async setAside(message: Incoming, reason: string): Promise<void> {
    const { setAside, logger } = this.#options;
    logger.error({ event: 'dispatcher.poison', stream: message.stream, seq: message.seq, reason }, 'set aside');
    if (message.stream === streamNames(this.region).log) await setPlanAside(setAside, message, reason);
    else await setDueAside(setAside, message.body);
  }

  stopTaking(): void {
    const { gate, stop } = this.#options;
    gate.stop();
    setTimeout(() => stop.abort(), LAST_WRITES_MS).unref();
  }

  async close(): Promise<void> {
    this.#options.stop.abort();
    for (const stop of this.#stops) stop();
    await this.#options.closeConnections();
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
