import type { DeliveryAttempted } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { type Bus, type Publish, type RegistryView, RegistryWriter } from '@waybill/transport';
import { AttemptDelivery } from '../application/attempt-delivery.ts';
import { EndpointGate } from '../application/endpoint-gate.ts';
import { EndpointHealthKeeper } from '../application/endpoint-health.ts';
import { OwnOutput } from '../application/own-output.ts';
import { Persistence } from '../application/persistence.ts';
import { endpointPreparation, type Send } from '../application/prepare-endpoint.ts';
import type { DispatcherConfig } from '../config.ts';
import { DEFAULT_CIRCUIT_POLICY } from '../domain/circuit.ts';
import { retryScheduleFrom } from '../domain/retry-schedule.ts';
import { dispatcherWrites } from './fact-log.ts';
import { HttpTransport } from './http/http-transport.ts';
import { ownFactsOf } from './own-facts.ts';
import { readMessageOf } from './read-message.ts';
import { registryHealth } from './registry-health.ts';
import { WebhookClient } from './webhook-client.ts';
import { sleepUntilStopped, WebhookPoller } from './webhook-poller.ts';

export interface RegionWorkerParts {
  readonly region: string;
  readonly config: DispatcherConfig;
  readonly bus: Bus;
  readonly publish: Publish;
  readonly registry: RegistryView;
  readonly logger: Logger;
  readonly version: string;
}

/** The part of all places that may wait at one endpoint, whatever its pace. */
const QUEUE_SHARE = 1 / 8;
const QUEUE_WAIT_MS = 1_000;
const RETRY_SHARE = 0.25;
const nowMs = (): number => Date.now();

/** Builds the worker of one region, with everything it owns. `persistence` shows what waits for NATS. */
export function regionWorker(parts: RegionWorkerParts): { worker: WebhookPoller; persistence: Persistence } {
  const { region, config, bus, publish, registry, logger } = parts;
  const stop = new AbortController();
  const persistence = new Persistence({ sleep: sleepUntilStopped, stop: stop.signal });
  const writes = dispatcherWrites(publish, region, persistence);
  const { senderFor, close } = senders(parts);
  const gate = new EndpointGate(gateOptions(config));
  const own = new OwnOutput();
  const attempts = new AttemptDelivery({
    region,
    memory: own,
    findEndpoint: (tenantId, endpointId) => registry.endpoint(tenantId, endpointId),
    prepare: endpointPreparation({ userAgent: `Waybill/${parts.version}`, schedule: scheduleFrom(config), senderFor }),
    enter: (ask) => gate.enter(ask),
    ...writes,
    appendAttempted: async (fact) => {
      await writes.appendAttempted(fact);
      logAttempt(logger, fact);
    },
    health: healthKeeper(parts, persistence),
    maxRetryAfterMs: config.MAX_RETRY_AFTER_SECONDS * 1000,
    nowMs,
    random: Math.random,
  });
  const worker = new WebhookPoller({
    region,
    bus,
    logger,
    attempts,
    gate,
    own,
    readOwnFacts: ownFactsOf(bus, region),
    readMessage: readMessageOf(bus),
    registryAtLeast: (revision, budgetMs) => registry.atLeast(revision, budgetMs),
    persistence,
    stop,
    setAside: { region, attempts, appendEventRefused: writes.appendEventRefused, nowMs },
    concurrency: config.DISPATCHER_CONCURRENCY,
    closeConnections: close,
  });
  return { worker, persistence };
}

function senders({ region, config }: RegionWorkerParts): {
  senderFor: (tenantId: WebhookClient['tenantId'], url: string) => Send;
  close: () => Promise<void>;
} {
  const policy = { guard: config.EGRESS_GUARD, allowed: config.EGRESS_ALLOW };
  const transport = new HttpTransport({ policy, timeoutMs: config.REQUEST_TIMEOUT_MS });
  const senderFor = (tenantId: WebhookClient['tenantId'], url: string): Send => {
    const client = new WebhookClient({ tenantId, region, url, policy, transport });
    return (headers, body) => client.send(headers, body);
  };
  return { senderFor, close: () => transport.close() };
}

const scheduleFrom = (config: DispatcherConfig) =>
  retryScheduleFrom({ maxRetries: config.MAX_PROCESSING_RETRIES, baseDelayMs: config.RETRY_BASE_DELAY_MS });

const gateOptions = (config: DispatcherConfig) => ({
  endpointConcurrency: config.ENDPOINT_CONCURRENCY,
  queueLength: Math.ceil(config.DISPATCHER_CONCURRENCY * QUEUE_SHARE),
  queueWaitMs: QUEUE_WAIT_MS,
  concurrency: config.DISPATCHER_CONCURRENCY,
  retryShare: RETRY_SHARE,
  circuit: DEFAULT_CIRCUIT_POLICY,
  nowMs,
  random: Math.random,
});

function healthKeeper({ bus, region, registry, config, logger }: RegionWorkerParts, persistence: Persistence): EndpointHealthKeeper {
  return new EndpointHealthKeeper({
    ...registryHealth(registry, new RegistryWriter(bus, region, registry), nowMs),
    persistently: (write) => persistence.until(write),
    onError: (error) => logger.warn({ event: 'endpoint.health_unsaved', err: error }, 'the next attempt tries again'),
    nowMs,
    disableAfterMs: config.AUTO_DISABLE_AFTER_SECONDS * 1000,
  });
}

/** One wide line per attempt: failures for everybody, successes for who debugs. */
function logAttempt(logger: Logger, fact: DeliveryAttempted): void {
  const level = fact.outcome.kind === 'accepted' ? 'debug' : 'info';
  if (!logger.isLevelEnabled(level)) return;
  const { response: _response, v: _v, ...fields } = fact;
  logger[level]({ event: 'delivery.attempted', ...fields }, 'attempt');
}
