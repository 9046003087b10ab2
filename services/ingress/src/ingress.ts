import { type EgressPolicy, judgeUrl } from '@waybill/egress';
import { ControlView } from '@waybill/regions';
import type { GithubConfig } from '@waybill/github';
import type { Health, Lifecycle, Logger, Tracing } from '@waybill/runtime';
import { type Bus, Publisher, RegistryView, RegistryWriter } from '@waybill/transport';
import { announceAddress } from './adapters/announce-address.ts';
import { appendFactTo } from './adapters/append-fact.ts';
import type { BodiesForPeers } from './adapters/http/bodies.controller.ts';
import { LiveFeed } from './adapters/http/live-feed.ts';
import { Projector } from './adapters/http/projector.ts';
import { Traces } from './adapters/http/traces.ts';
import { openParse } from './adapters/parse/open-parse.ts';
import { answersAt, appendChangeTo, waitUnlessStopping } from './adapters/region-ports.ts';
import {
  endpointPorts,
  pausePorts,
  type RegistryAccess,
  sourceHere,
  sourcePorts,
  tenantHere,
  tenantPorts,
} from './adapters/registry-ports.ts';
import { strictHomesIn } from './adapters/strict-homes.ts';
import type { SessionPorts } from './application/access/sign-in.ts';
import type { AppendFact } from './application/append-fact.ts';
import type { EndpointPorts } from './application/commands/endpoints.ts';
import type { PausePorts } from './application/commands/pauses.ts';
import type { SourcePorts } from './application/commands/sources.ts';
import type { TenantPorts } from './application/commands/tenants.ts';
import type { TestEndpointPorts } from './application/commands/test-endpoint.ts';
import type { GithubDoor } from './application/github/github-door.ts';
import { type ReceiveWebhook, receiveWebhook } from './application/receive-webhook.ts';
import type { RecordPorts } from './application/record-act.ts';
import type { RecoveryPorts } from './application/recovery-ports.ts';
import type { RegionPorts } from './application/regions/region-ports.ts';
import { Residency } from './application/residency.ts';
import { type SendEvent, sendEvent } from './application/send-event.ts';
import type { Settings } from './application/settings.ts';
import type { IngressConfig } from './config.ts';
import type { Deployment } from './deployment.ts';
import type { KeyRing } from './domain/access/key-ring.ts';
import type { IntakeCounts } from './domain/intake-counts.ts';
import { RateLimiter } from './domain/rate-limiter.ts';
import { openAccept } from './open-accept.ts';
import { openBodiesHere } from './open-bodies.ts';
import { openGithub } from './open-github.ts';
import { openIntake } from './open-intake.ts';
import { openRecovery } from './open-recovery.ts';
import { openSessions } from './open-sessions.ts';
import { settingsOf } from './settings-of.ts';
import { watchDependencies } from './watch-dependencies.ts';

/** The use cases of the ingress, wired to the outside. */
export interface Ingress {
  readonly receiveWebhook: ReceiveWebhook;
  readonly sendEvent: SendEvent;
  readonly registry: RegistryView;
  readonly residency: Residency;
  readonly tenants: TenantPorts;
  readonly endpoints: EndpointPorts;
  readonly testEndpoint: TestEndpointPorts;
  readonly sources: SourcePorts;
  readonly pauses: PausePorts;
  readonly github: GithubDoor;
  readonly regions: RegionPorts;
  readonly recovery: RecoveryPorts;
  /** Where commands are recorded. */
  readonly record: RecordPorts;
  readonly addressOf: (region: string) => string | undefined;
  /** Tells the other regions where this one is reached. */
  readonly announce: (url: string) => void;
  readonly projector: Projector;
  readonly traces: Traces;
  /** Ended before the server is closed. */
  readonly live: LiveFeed;
  readonly bodiesForPeers: BodiesForPeers;
  readonly sessions: SessionPorts;
  readonly settings: Settings;
  readonly intake: IntakeCounts;
}

export interface IngressParts {
  readonly config: IngressConfig;
  readonly deployment: Deployment;
  /** Undefined: there is no GitHub App. */
  readonly github: GithubConfig | undefined;
  readonly keys: KeyRing;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly health: Health;
  readonly lifecycle: Lifecycle;
  readonly nowMs: () => number;
  readonly tracing: Tracing;
  /** Called with the code of the error for each publish that was not acknowledged. */
  readonly onPublishFailed: (code: string) => void;
}

/** Opens what the ingress holds (registry, publisher, key indexes, control bucket, projector) and builds its use cases; `lifecycle` owns all of it. */
export async function openIngress(parts: IngressParts): Promise<Ingress> {
  const { config, deployment, bus, logger, lifecycle, nowMs, tracing, onPublishFailed: onFailed } = parts;
  const { region, order: regions } = deployment;
  const registry = lifecycle.own('registry', await RegistryView.follow(bus, logger, region), (view) => view.close());
  const publisher = lifecycle.own('publisher', new Publisher(bus, { tracing, region, onFailed }), (owned) => owned.close());
  declareHealth(parts, registry);
  const { projector, traces } = openReads(parts);
  const residency = new Residency({ region, route: (kind, id) => registry.route(kind, id), tenant: (id) => registry.tenant(id) });
  const writer = new RegistryWriter(bus, region, registry);
  const access: RegistryAccess = { view: registry, writer, residency, region, regions, nowMs };
  const bodies = openBodiesHere(parts, { publisher, registry });
  const accepting = openAccept(parts, { publisher, registry, residency, bodies });
  const { accept } = accepting;
  const parse = openParse(lifecycle);
  const control = openControl(parts);
  const endpoints = endpointPorts(access, refuseUrlBy({ guard: config.EGRESS_GUARD, allowed: config.EGRESS_ALLOW }));
  const append = appendFactTo(publisher.publish, region);
  const regionsSeen = regionPorts(parts, { registry, append, control });
  const recovery = openRecovery(parts, { append, registry, residency, projector, regions: regionsSeen });
  const allowUnverified = config.ALLOW_UNVERIFIED_SOURCES;
  return {
    receiveWebhook: receiveWebhook({ accept, parse, source: sourceHere(access), takeFromBudget: budgetOf(config), nowMs, allowUnverified }),
    sendEvent: sendEvent({ accept, parse, tenant: tenantHere(access) }),
    registry,
    residency,
    tenants: tenantPorts(access),
    endpoints,
    testEndpoint: { endpoints, accept, parse },
    sources: sourcePorts(access, allowUnverified),
    pauses: pausePorts(access),
    github: openGithub(parts, { accepting, publisher, control }),
    regions: regionsSeen,
    recovery,
    record: { region, append, residency, newMark: recovery.newMark, nowMs },
    addressOf: (id) => registry.regionUrl(id),
    announce: (url) => {
      const internalUrl = config.INTERNAL_URL ?? url;
      const announced = announceAddress({ region, url, internalUrl, view: registry, writer, logger, nowMs });
      lifecycle.own('region address', announced, (stop) => stop());
    },
    projector,
    traces,
    live: new LiveFeed(config.PROJECTOR_URL),
    bodiesForPeers: { region, key: config.REGION_SHARED_KEY, bodies },
    sessions: openSessions(parts, registry),
    intake: openIntake(parts, append),
    settings: settingsOf(config, deployment, parts.github !== undefined),
  };
}

/** Opens what reads are passed on to, without which events are still accepted. */
function openReads(parts: IngressParts): Pick<Ingress, 'projector' | 'traces'> {
  const { lifecycle, deployment } = parts;
  const { PROJECTOR_URL: projectorUrl, TRACES_URL: tracesUrl } = parts.config;
  const projector = lifecycle.own('projector', new Projector(projectorUrl), (owned) => owned.close());
  const traces = lifecycle.own('traces', new Traces(tracesUrl), (owned) => owned.close());
  const asked = { projector, projectorUrl, traces: tracesUrl === undefined ? undefined : traces };
  watchDependencies({ ...parts, region: deployment.region, ...asked });
  return { projector, traces };
}

/** Refuses what can be seen from the URL alone; the dispatcher judges the addresses that a name resolves to, each time it connects. */
function refuseUrlBy(policy: EgressPolicy): EndpointPorts['refuseUrl'] {
  return (url) => {
    const verdict = judgeUrl(url.href, policy);
    return verdict.kind === 'denied' ? verdict.why : undefined;
  };
}

function declareHealth({ bus, health }: IngressParts, registry: RegistryView): void {
  health.declare('nats', () => (bus.isUp() ? { ok: true } : { ok: false, detail: 'the connection is down' }));
  health.declare('registry', () => (registry.failure === undefined ? { ok: true } : { ok: false, detail: registry.failure }));
}

function budgetOf({ WEBHOOK_RATE_LIMIT_PER_MINUTE: perMinute }: IngressConfig): (sourceId: string, atMs: number) => number {
  if (perMinute === 0) return () => 0;
  const limiter = new RateLimiter(perMinute);
  return (sourceId, atMs) => limiter.take(sourceId, atMs);
}

interface RegionNeeds {
  readonly registry: RegistryView;
  readonly append: AppendFact;
  readonly control: ControlView | undefined;
}

function regionPorts(parts: IngressParts, { registry, append, control }: RegionNeeds): RegionPorts {
  const { region, order, onlyRegion, cloudRegion } = parts.deployment;
  return {
    region,
    order,
    onlyRegion,
    cloudRegion,
    url: (id) => registry.regionUrl(id),
    control,
    tenants: () => registry.tenants(),
    endpointsOf: (tenantId) => registry.endpointsOf(tenantId),
    strictHomes: strictHomesIn(parts.bus, registry),
    appendChange: appendChangeTo(append),
    answers: answersAt,
    nowMs: parts.nowMs,
    wait: waitUnlessStopping,
  };
}

/** Accepting goes on without the control bucket, so it never makes the ingress not ready. */
function openControl({ config, deployment, bus, logger, health, lifecycle }: IngressParts): ControlView | undefined {
  if (deployment.order.length < 2) return undefined;
  const control = ControlView.follow({ bus, logger, regions: deployment.order, domain: config.CONTROL_DOMAIN });
  lifecycle.own('control bucket', control, (view) => view.close());
  health.declare('control bucket', () => (control.failure === undefined ? { ok: true } : { ok: true, detail: control.failure }));
  return control;
}
