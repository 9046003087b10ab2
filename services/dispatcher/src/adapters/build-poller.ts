import type { Bodies } from '@waybill/bodies';
import { type Logger, randomHex } from '@waybill/runtime';
import { type Bus, type Publish, type RegistryView, RegistryWriter } from '@waybill/transport';
import { AttemptDelivery } from '../application/attempt-delivery.ts';
import type { EndpointHealthPort, FindEndpoint } from '../application/attempt-ports.ts';
import { EndpointGate } from '../application/endpoint-gate.ts';
import { EndpointHealthKeeper } from '../application/endpoint-health.ts';
import { endpointLookup, tenantsHealth, withDispatches } from '../application/find-endpoint.ts';
import { OwnOutput } from '../application/own-output.ts';
import { ALWAYS_OPEN, DeliveryPermission } from '../application/permission.ts';
import type { OrderedLanes } from '../application/ordering/ordered-lanes.ts';
import { Persistence } from '../application/persistence.ts';
import { endpointPreparation, type PreparationOptions } from '../application/prepare-endpoint.ts';
import type { TakeoverController } from '../application/takeover/controller.ts';
import { TakenElsewhere } from '../application/takeover/taken-elsewhere.ts';
import type { DispatcherConfig } from '../config.ts';
import { DEFAULT_CIRCUIT_POLICY } from '../domain/circuit.ts';
import { ErrorRate } from '../domain/error-rate.ts';
import { retryScheduleFrom } from '../domain/retry-schedule.ts';
import type { TracePlaces } from '../domain/trace-place.ts';
import type { RegionSettings } from '../region-settings.ts';
import { type Dispatches, type DispatchesParts, type GithubAccess, openDispatches, withoutGithub } from './dispatch/open-dispatches.ts';
import { heardUntil } from './dispatch/heard-until.ts';
import { type DispatcherWrites, dispatcherWrites } from './fact-log.ts';
import { followInstructions } from './follow-instructions.ts';
import { HttpTransport } from './http/http-transport.ts';
import { bodiesOf } from './open-bodies.ts';
import { notingOrder, openLanes, type OpenLanesParts } from './ordering/open-lanes.ts';
import { ownFactsOf } from './own-facts.ts';
import { planLocator } from './plan-locator.ts';
import { readMessageOf } from './read-message.ts';
import type { RegionControl } from './region-control.ts';
import type { RegionTelemetry } from './region-telemetry.ts';
import { registryHealth } from './registry-health.ts';
import { takeoverOf } from './region-takeover.ts';
import { openReports, type Reports } from './report/open-reports.ts';
import { watchAttempts } from './watch-attempts.ts';
import { WebhookClient } from './webhook-client.ts';
import { sleepUntilStopped, WebhookPoller } from './webhook-poller.ts';

export interface PollerParts {
  readonly settings: RegionSettings;
  readonly config: DispatcherConfig;
  readonly logger: Logger;
  readonly version: string;
  readonly bus: Bus;
  readonly publish: Publish;
  readonly registry: RegistryView;
  /** Absent for a region without peers. */
  readonly control: RegionControl | undefined;
  /** Absent: no GitHub App is set up. */
  readonly github: GithubAccess | undefined;
  readonly telemetry: RegionTelemetry;
  /** Whether all is well with the worker. */
  readonly isHealthy: () => boolean;
}

/** A region's poller, and what else is asked of its parts. */
export interface BuiltPoller {
  readonly poller: WebhookPoller;
  readonly persistence: Persistence;
  readonly gate: EndpointGate;
  readonly errorRate: ErrorRate;
  readonly takeover: TakeoverController | undefined;
  readonly dispatches: Dispatches;
  readonly lanes: OrderedLanes;
  readonly bodies: Bodies;
  /** Begins to do what operators ask of deliveries; returns how to stop. */
  readonly followInstructions: () => () => void;
  /** Absent without a GitHub App, and where neither check runs nor issues are wanted. */
  readonly reports: Reports | undefined;
  /** Ends what waits to be written, for a start that is given up. */
  readonly stop: AbortController;
  readonly closeConnections: () => Promise<void>;
}

/** The part of all places that may wait at one endpoint, whatever its pace. */
const QUEUE_SHARE = 1 / 8;
const QUEUE_WAIT_MS = 1_000;
const RETRY_SHARE = 0.25;
const nowMs = (): number => Date.now();

/** Builds what takes the work of one region, over connections that are open. */
export function buildPoller(parts: PollerParts): BuiltPoller {
  const { settings, config, bus, registry, logger } = parts;
  const { region, peers, declared } = settings;
  const hasPeers = peers.length > 0;
  const basis = basisOf(parts);
  const { persistence, stop, writes, gate, errorRate, own, findEndpoint, closeConnections, dispatches, lanes, bodies } = basis;
  const { attempts, takeover } = attemptsOf(parts, basis);
  const poller = new WebhookPoller({
    region,
    hasPeers,
    bus,
    logger,
    attempts,
    lanes,
    gate,
    own,
    readOwnFacts: ownFactsOf(bus, region, hasPeers),
    payloads: { readMessage: readMessageOf(bus), findPlan: planLocator(bus, region, peers) },
    registry: {
      registryAtLeast: (origin, revision, budgetMs) => registry.atLeast(origin, revision, budgetMs),
      isKnown: (tenantId, endpointId) => findEndpoint(tenantId, endpointId) !== undefined,
    },
    persistence,
    stop,
    appendEventRefused: writes.appendEventRefused,
    nowMs,
    concurrency: config.DISPATCHER_CONCURRENCY,
    pullMs: declared?.pollIntervalMs,
  });
  const reports = reportsOf(parts, basis, takeover);
  const { scheduleDue } = writes;
  const follow = (): (() => void) => followInstructions({ bus, region, hasPeers, persistence, scheduleDue, logger, nowMs });
  return {
    poller,
    persistence,
    gate,
    errorRate,
    takeover,
    dispatches,
    lanes,
    bodies,
    followInstructions: follow,
    reports,
    stop,
    closeConnections,
  };
}

/** What attempts, takeovers and the poller stand on together. */
interface Basis extends Pick<
  BuiltPoller,
  'persistence' | 'gate' | 'errorRate' | 'stop' | 'closeConnections' | 'dispatches' | 'lanes' | 'bodies'
> {
  readonly writes: DispatcherWrites;
  readonly own: OwnOutput;
  readonly elsewhere: TakenElsewhere;
  readonly findEndpoint: FindEndpoint;
  readonly senderFor: PreparationOptions['senderFor'];
}

function basisOf(parts: PollerParts): Basis {
  const stop = new AbortController();
  const persistence = new Persistence({ sleep: sleepUntilStopped, stop: stop.signal });
  const gate = new EndpointGate(gateOptions(parts));
  const own = new OwnOutput();
  const elsewhere = new TakenElsewhere(own);
  const findEndpoint = lookupOf(parts);
  return {
    stop,
    persistence,
    ...orderedWrites(parts, { persistence, memory: elsewhere, findEndpoint }),
    gate,
    dispatches: dispatchesOf(parts, { gate, persistence, stop: stop.signal }),
    errorRate: new ErrorRate(),
    bodies: bodiesOf(parts),
    own,
    elsewhere,
    findEndpoint,
    ...senders(parts),
  };
}

function orderedWrites(parts: PollerParts, known: Pick<OpenLanesParts, 'memory' | 'findEndpoint'> & { readonly persistence: Persistence }) {
  const { bus, publish, settings, config, logger, telemetry } = parts;
  const { region, peers } = settings;
  const writes = dispatcherWrites(publish, region, known.persistence);
  const ordered = { ...known, scheduleDue: writes.scheduleDue, concurrency: config.DISPATCHER_CONCURRENCY };
  const lanes = openLanes({ ...ordered, bus, region, hasPeers: peers.length > 0, logger, nowMs });
  const appendEventRefused: DispatcherWrites['appendEventRefused'] = async (fact, scope) => {
    await writes.appendEventRefused(fact, scope);
    telemetry.counts.eventRefused(fact.verdict);
  };
  return { writes: { ...notingOrder(writes, lanes), appendEventRefused }, lanes };
}

function attemptsOf(parts: PollerParts, basis: Basis): { attempts: AttemptDelivery; takeover: TakeoverController | undefined } {
  const { settings, config, registry, logger, version, telemetry } = parts;
  const { region } = settings;
  const { persistence, writes, gate, errorRate, elsewhere, findEndpoint, senderFor, dispatches, lanes, bodies } = basis;
  const underWay = (): number => attempts.underWay;
  const takeover = takeoverOf(parts, { persistence, findEndpoint, scheduleDue: writes.scheduleDue, elsewhere, underWay });
  const attempts: AttemptDelivery = new AttemptDelivery({
    region,
    lanes,
    memory: elsewhere,
    findEndpoint,
    isDeleted: (tenantId, endpointId) => registry.isRemoved('endpoint', [tenantId, endpointId]),
    prepare: endpointPreparation({ userAgent: `Waybill/${version}`, schedule: scheduleFrom(config), senderFor }),
    permission: new DeliveryPermission(takeover?.permission ?? ALWAYS_OPEN, (tenantId) => registry.tenant(tenantId)?.placement),
    dispatches: dispatches.channel,
    holdBody: (ref, scope) => bodies.hold(ref, scope),
    enter: (ask) => gate.enter(ask),
    appendAttempted: writes.appendAttempted,
    appendRefused: writes.appendRefused,
    scheduleDue: writes.scheduleDue,
    places: placesOf(parts),
    watch: watchAttempts({ ...telemetry, count: telemetry.counts, errorRate, logger, nowMs }),
    health: tenantsHealth(healthKeeper(parts, persistence), settings.order),
    maxRetryAfterMs: config.MAX_RETRY_AFTER_SECONDS * 1000,
    nowMs,
    random: Math.random,
  });
  return { attempts, takeover };
}

/** Nothing is looked at while tracing is off. */
function placesOf({ telemetry: { tracing } }: PollerParts): TracePlaces | undefined {
  if (!tracing.isOn) return undefined;
  return {
    begin: (traceId, always) => tracing.begin(traceId, always),
    childOf: (parent) => tracing.childOf(parent),
    newTraceId: () => randomHex(16),
  };
}

function dispatchesOf(parts: PollerParts, basis: Pick<DispatchesParts, 'gate' | 'persistence' | 'stop'>): Dispatches {
  const { settings, config, github, control, bus, publish, registry, logger } = parts;
  const common = { nowMs, random: Math.random };
  if (github === undefined) return withoutGithub(common);
  const { region, peers } = settings;
  const heard = heardUntil({ bus, region, peers, view: control?.view });
  const at = { region, hasPeers: peers.length > 0, heardUntil: heard, bus, publish, registry, logger };
  return openDispatches({ ...common, ...basis, ...at, github, schedule: scheduleFrom(config) });
}

function reportsOf(parts: PollerParts, { gate, persistence }: Basis, takeover: TakeoverController | undefined): Reports | undefined {
  const { github, control } = parts;
  if (github === undefined) return undefined;
  return openReports({ ...parts, github, view: control?.view, permission: takeover?.permission ?? ALWAYS_OPEN, gate, persistence, nowMs });
}

/** GitHub's advice for writes through one installation, where no App is set up here and so nothing is written. */
const ONE_PER_SECOND = 1;

function lookupOf({ registry, settings, github }: PollerParts): FindEndpoint {
  const { region, declared } = settings;
  const target = declared?.webhookUrl === undefined ? undefined : { region, url: declared.webhookUrl, regionKey: settings.key() };
  const registered = endpointLookup((tenantId, endpointId) => registry.endpoint(tenantId, endpointId), target, settings.order);
  return withDispatches(registered, github?.config.writesPerSecond ?? ONE_PER_SECOND);
}

function senders({ settings, config }: PollerParts): Pick<Basis, 'senderFor' | 'closeConnections'> {
  const { region, requestTimeoutMs: timeoutMs } = settings;
  const policy = { guard: config.EGRESS_GUARD, allowed: config.EGRESS_ALLOW };
  const transport = new HttpTransport({ policy, timeoutMs });
  const senderFor: PreparationOptions['senderFor'] = (tenantId, url) => {
    const client = new WebhookClient({ tenantId, region, url, policy, transport });
    return (headers, body, onCutOff) => client.send(headers, body, onCutOff);
  };
  return { senderFor, closeConnections: () => transport.close() };
}

const scheduleFrom = (config: DispatcherConfig) =>
  retryScheduleFrom({ maxRetries: config.MAX_PROCESSING_RETRIES, baseDelayMs: config.RETRY_BASE_DELAY_MS });

const gateOptions = ({ config, settings }: PollerParts) => ({
  endpointConcurrency: config.ENDPOINT_CONCURRENCY,
  queueLength: Math.ceil(config.DISPATCHER_CONCURRENCY * QUEUE_SHARE),
  queueWaitMs: QUEUE_WAIT_MS,
  concurrency: config.DISPATCHER_CONCURRENCY,
  retryShare: RETRY_SHARE,
  rateLimit: settings.declared?.rateLimitPerSecond,
  circuit: DEFAULT_CIRCUIT_POLICY,
  nowMs,
  random: Math.random,
});

function healthKeeper({ bus, settings, registry, config, logger }: PollerParts, persistence: Persistence): EndpointHealthPort {
  return new EndpointHealthKeeper({
    ...registryHealth(registry, new RegistryWriter(bus, settings.region, registry), nowMs),
    persistently: (write) => persistence.until(write),
    onError: (error) => logger.warn({ event: 'endpoint.health_unsaved', err: error }, 'the next attempt tries again'),
    nowMs,
    disableAfterMs: config.AUTO_DISABLE_AFTER_SECONDS * 1000,
  });
}
