import { join } from 'node:path';
import { newEventId } from '@waybill/contracts';
import { type EgressPolicy, judgeUrl } from '@waybill/egress';
import type { Health, Lifecycle, Logger } from '@waybill/runtime';
import { type Bus, Publisher, RegistryView, RegistryWriter } from '@waybill/transport';
import { KeyIndex } from './adapters/idempotency/key-index.ts';
import { keyLog } from './adapters/idempotency/key-log.ts';
import { Projector } from './adapters/http/projector.ts';
import { randomPool } from './adapters/random-pool.ts';
import { endpointPorts, sourcePorts, tenantPorts } from './adapters/registry-ports.ts';
import { readStoredEvent } from './adapters/stored-event.ts';
import { acceptEvent, type AcceptEvent } from './application/accept-event.ts';
import type { EndpointPorts } from './application/commands/endpoints.ts';
import type { SourcePorts } from './application/commands/sources.ts';
import type { TenantPorts } from './application/commands/tenants.ts';
import { type ReceiveWebhook, receiveWebhook } from './application/receive-webhook.ts';
import { type SendEvent, sendEvent } from './application/send-event.ts';
import type { IngressConfig } from './config.ts';
import { RateLimiter } from './domain/rate-limiter.ts';

/** The use cases of the ingress, wired to the outside. */
export interface Ingress {
  readonly receiveWebhook: ReceiveWebhook;
  readonly sendEvent: SendEvent;
  readonly registry: RegistryView;
  readonly tenants: TenantPorts;
  readonly endpoints: EndpointPorts;
  readonly sources: SourcePorts;
  readonly projector: Projector;
}

export interface IngressParts {
  readonly config: IngressConfig;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly health: Health;
  readonly lifecycle: Lifecycle;
}

const nowMs = (): number => Date.now();

/** Opens what the ingress holds (registry, publisher, key index, projector) and builds its use cases; `lifecycle` owns all of it. */
export async function openIngress(parts: IngressParts): Promise<Ingress> {
  const { config, bus, logger, lifecycle } = parts;
  const registry = lifecycle.own('registry', await RegistryView.follow(bus, logger), (view) => view.close());
  const index = lifecycle.own('idempotency index', openIndex(parts), (owned) => owned.close());
  const projector = lifecycle.own('projector', new Projector(config.PROJECTOR_URL), (owned) => owned.close());
  declareHealth(parts, registry, index);
  index.start();
  const writer = new RegistryWriter(bus, config.REGION, registry);
  const accept = openAccept(parts, registry, index);
  const allowUnverified = config.ALLOW_UNVERIFIED_SOURCES;
  return {
    receiveWebhook: receiveWebhook({
      accept,
      source: (id) => registry.source(id),
      takeFromBudget: budgetOf(config),
      nowMs,
      allowUnverified,
    }),
    sendEvent: sendEvent({ accept, tenant: (id) => registry.tenant(id) }),
    registry,
    tenants: tenantPorts(registry, writer, nowMs),
    endpoints: endpointPorts(registry, writer, nowMs, refuseUrlBy({ guard: config.EGRESS_GUARD, allowed: config.EGRESS_ALLOW })),
    sources: sourcePorts(registry, writer, nowMs, allowUnverified),
    projector,
  };
}

/** Refuses what can be seen from the URL alone; the dispatcher judges the addresses that a name resolves to, each time it connects. */
function refuseUrlBy(policy: EgressPolicy): EndpointPorts['refuseUrl'] {
  return (url) => {
    const verdict = judgeUrl(url.href, policy);
    return verdict.kind === 'denied' ? verdict.why : undefined;
  };
}

function openIndex({ config, bus, logger }: IngressParts): KeyIndex {
  const file = join(config.DATA_DIR, 'ingress', 'idempotency.sqlite');
  return new KeyIndex(keyLog(bus, config.REGION), { file, ttlMs: config.IDEMPOTENCY_TTL_SECONDS * 1000, log: logger, nowMs });
}

function declareHealth({ bus, health }: IngressParts, registry: RegistryView, index: KeyIndex): void {
  health.declare('nats', () => (bus.isUp() ? { ok: true } : { ok: false, detail: 'the connection is down' }));
  health.declare('registry', () => (registry.failure === undefined ? { ok: true } : { ok: false, detail: registry.failure }));
  health.declare('idempotency index', () => index.state());
}

function budgetOf({ WEBHOOK_RATE_LIMIT_PER_MINUTE: perMinute }: IngressConfig): (sourceId: string, atMs: number) => number {
  if (perMinute === 0) return () => 0;
  const limiter = new RateLimiter(perMinute);
  return (sourceId, atMs) => limiter.take(sourceId, atMs);
}

function openAccept({ config, bus, logger, lifecycle }: IngressParts, registry: RegistryView, index: KeyIndex): AcceptEvent {
  const publisher = lifecycle.own('publisher', new Publisher(bus), (owned) => owned.close());
  const random = randomPool(10);
  const accept = acceptEvent(
    {
      publish: publisher.publish,
      readStored: readStoredEvent(bus, config.REGION),
      findKey: (key) => index.find(key),
      rememberKey: (entry) => index.remember(entry),
      registryRevision: () => registry.revision,
      nowMs,
      newId: (atMs) => newEventId(atMs, random()),
    },
    {
      region: config.REGION,
      schema: { version: config.EVENT_SCHEMA_VERSION, minCompatible: config.EVENT_SCHEMA_MIN_COMPATIBLE },
      keyTtlMs: config.IDEMPOTENCY_TTL_SECONDS * 1000,
    },
  );
  if (!logger.isLevelEnabled('debug')) return accept;
  return async (event) => {
    const accepted = await accept(event);
    const { tenantId, source, eventType, data } = event;
    logger.debug({
      event: 'event.accepted',
      eventId: accepted.id,
      duplicate: accepted.duplicate,
      tenantId,
      source,
      eventType,
      bytes: data.length,
    });
    return accepted;
  };
}
