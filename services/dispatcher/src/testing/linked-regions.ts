import { createHash, randomBytes } from 'node:crypto';
import {
  type BodyRef,
  type DeliveryAttempted,
  deliveryAttemptedSchema,
  deliveryIdOf,
  type EndpointId,
  endpointSchema,
  type EventId,
  joinRawData,
  newEventId,
  parseFactSubject,
  type Placement,
  type PlanHead,
  type Scope,
  streamNames,
  subjects,
  type TenantId,
  tenantSchema,
} from '@waybill/contracts';
import { HUB, startThrowawayDeployment, type ThrowawayDeployment } from '@waybill/nats-server';
import { testLogger } from '@waybill/testkit';
import { type Bus, connectBus, provisionRegions, Publisher, RegistryView, RegistryWriter, scanStream } from '@waybill/transport';
import { startDispatcher } from '../start-dispatcher.ts';
import type { DispatchPlan } from './dispatch-world.ts';

export const [US, EU] = ['us', 'eu'] as const;
export const REGIONS = [US, EU] as const;
export type LinkedRegion = (typeof REGIONS)[number];

const FAST = {
  MAX_PROCESSING_RETRIES: '2',
  RETRY_BASE_DELAY_MS: '1',
  EGRESS_ALLOW: 'loopback',
  CONTROL_DOMAIN: HUB,
  DISPATCHER_REGIONS: REGIONS.join(','),
  LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
};

/** What one region's planner and ingress write with. */
interface Writers {
  readonly publisher: Publisher;
  readonly registry: RegistryView;
  readonly writer: RegistryWriter;
  /** Connected as the operator, who may look at everything. */
  readonly looking: Bus;
}

/** A planned event, as the tests ask for it. */
export interface Planned {
  readonly tenantId: TenantId;
  readonly endpoints: readonly EndpointId[];
  /** Default: the planner's own region. */
  readonly deliverIn?: LinkedRegion;
  readonly scope?: Scope;
  /** Where the payload lies; absent: in the plan. */
  readonly bodyRef?: BodyRef;
}

/** The fields of an entry of REGIONS_CONFIG that a test changes. */
export type EntryChanges = Partial<Record<LinkedRegion, Readonly<Record<string, unknown>>>>;

/** Two regions with real servers, their hub between them, and users who may do what they need and no more. */
export class LinkedRegions {
  readonly servers: ThrowawayDeployment;
  readonly #writers: ReadonlyMap<string, Writers>;
  readonly #running = new Set<{ close(): Promise<void> }>();

  private constructor(servers: ThrowawayDeployment, writers: ReadonlyMap<string, Writers>) {
    this.servers = servers;
    this.#writers = writers;
  }

  static async start(): Promise<LinkedRegions> {
    const servers = await startThrowawayDeployment({ regions: REGIONS, hubNodes: 3 });
    await provisionAll(servers);
    const writers = await Promise.all(REGIONS.map(async (region) => [region, await openWriters(servers, region)] as const));
    return new LinkedRegions(servers, new Map(writers));
  }

  /** Starts one dispatcher for both regions. */
  async dispatcher(env: Record<string, string> = {}, changes: EntryChanges = {}): Promise<{ url: string; close(): Promise<void> }> {
    const config = REGIONS.map((region, index) => ({ ...this.#entry(region), priority: index + 1, ...changes[region] }));
    const service = await startDispatcher({ REGIONS_CONFIG: JSON.stringify(config), ...FAST, ...env });
    const running = { url: service.url, close: () => this.#stop(running, service) };
    this.#running.add(running);
    return running;
  }

  async stopDispatchers(): Promise<void> {
    for (const running of this.#running) await running.close();
  }

  async stop(): Promise<void> {
    await this.stopDispatchers();
    for (const { publisher, registry, looking } of this.#writers.values()) {
      publisher.close();
      registry.close();
      await looking.close();
    }
    await this.servers.cleanup();
  }

  at(region: LinkedRegion): Writers {
    const writers = this.#writers.get(region);
    if (writers === undefined) throw new Error(`no region ${region} here`);
    return writers;
  }

  provision(): Promise<void> {
    return provisionAll(this.servers);
  }

  /** Registers a tenant with one endpoint in a region, and waits until every region may know of it. */
  async tenant(region: LinkedRegion, url: string, placement?: Partial<Placement>): Promise<Planned> {
    const { writer } = this.at(region);
    const name = randomBytes(5).toString('hex');
    const at = new Date().toISOString();
    const tenant = tenantSchema.parse({ id: `t-${name}`, placement, createdAt: at, updatedAt: at });
    await writer.put('tenant', [tenant.id], tenant);
    const secrets = [{ key: `whsec_${createHash('sha256').update(name).digest('base64')}` }];
    const endpoint = endpointSchema.parse({ id: `ep_${name}`, tenantId: tenant.id, url, secrets, createdAt: at, updatedAt: at });
    await writer.put('endpoint', [tenant.id, endpoint.id], endpoint);
    const scope = placement?.residency === 'strict' ? 'l' : 'g';
    return { tenantId: tenant.id, endpoints: [endpoint.id], scope };
  }

  /** Writes a plan as the planner of `region` does; returns its event id. */
  async plan(region: LinkedRegion, { tenantId, endpoints, deliverIn = region, scope = 'g', bodyRef }: Planned): Promise<EventId> {
    const { publisher, registry } = this.at(region);
    const eventId = newEventId(Date.now(), randomBytes(10));
    const at = new Date().toISOString();
    const about = { eventId, eventType: 'order.paid', tenantId, source: 'api', region, timestamp: at, correlationId: eventId };
    const head: PlanHead = {
      v: 1,
      event: bodyRef === undefined ? about : { ...about, bodyRef },
      region: deliverIn,
      acceptedSeq: 1,
      registryRevision: registry.ownRevision(scope),
      deliveries: endpoints.map((id) => ({ deliveryId: deliveryIdOf(eventId, id), endpointId: id })),
      at,
    };
    const subject = subjects.plan(region, scope, deliverIn);
    await publisher.publish({
      subject,
      msgId: `plan:${eventId}:${deliverIn}`,
      body: joinRawData(head, Buffer.from(bodyRef === undefined ? '{"n":1}' : 'null')),
    });
    return eventId;
  }

  /** Writes a plan of `region` for itself that was made elsewhere, such as one of workflow dispatches. */
  async planned(region: LinkedRegion, { eventId, head, data }: DispatchPlan): Promise<void> {
    const { publisher } = this.at(region);
    await publisher.publish({
      subject: subjects.plan(region, 'g', region),
      msgId: `plan:${eventId}:${region}`,
      body: joinRawData(head, data),
    });
  }

  /** Every attempt in a stream, with its scope, in order. */
  async attempts(
    region: LinkedRegion,
    eventId?: EventId,
    stream = streamNames(region).log,
  ): Promise<(DeliveryAttempted & { scope: Scope })[]> {
    const facts: (DeliveryAttempted & { scope: Scope })[] = [];
    const filter = 'wb.*.*.delivery.attempted';
    await scanStream(this.at(region).looking, { stream, subjects: [filter] }, ({ body, subject }) => {
      const fact = deliveryAttemptedSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
      facts.push({ ...fact, scope: parseFactSubject(subject)?.scope ?? 'g' });
    });
    return facts.filter((fact) => eventId === undefined || fact.eventId === eventId);
  }

  #entry(region: LinkedRegion): Readonly<Record<string, unknown>> {
    const { servers, user, pass } = this.servers.login(region, 'dispatcher');
    return { id: region, region, host: servers.join(','), key: `${user}:${pass}`, webhook_url: 'http://127.0.0.1:9/' };
  }

  async #stop(running: { close(): Promise<void> }, service: { close(): Promise<void> }): Promise<void> {
    this.#running.delete(running);
    await service.close();
  }
}

export function busAs(servers: ThrowawayDeployment, place: string, user: string): Promise<Bus> {
  const { servers: urls, pass: password, ...login } = servers.login(place, user);
  return connectBus({ ...login, servers: urls.join(','), password, name: `test-${user}` });
}

async function provisionAll(servers: ThrowawayDeployment): Promise<void> {
  const regions = await Promise.all(REGIONS.map(async (id) => ({ id, bus: await busAs(servers, id, 'provisioner') })));
  const hub = await busAs(servers, HUB, 'admin');
  await provisionRegions(regions, hub, { controlReplicas: 3 });
  for (const { bus } of [...regions, { bus: hub }]) await bus.close();
}

async function openWriters(servers: ThrowawayDeployment, region: string): Promise<Writers> {
  const [planner, ingress, looking] = await Promise.all(['planner', 'ingress', 'operator'].map((user) => busAs(servers, region, user)));
  if (planner === undefined || ingress === undefined || looking === undefined) throw new Error('not connected');
  const registry = await RegistryView.follow(ingress, testLogger(), region);
  return { publisher: new Publisher(planner), registry, writer: new RegistryWriter(ingress, region, registry), looking };
}
