import { createHash, randomBytes } from 'node:crypto';
import {
  type Consequence,
  CONSUMERS,
  type DeliveryAttempted,
  deliveryAttemptedSchema,
  deliveryIdOf,
  type DeliveryInstructed,
  type DeliveryRefused,
  deliveryRefusedSchema,
  type Endpoint,
  endpointSchema,
  type EventId,
  joinRawData,
  newEventId,
  type PlanHead,
  streamNames,
  subjects,
  type TenantId,
} from '@waybill/contracts';
import { type Bus, connectBus, provision, Publisher, regionTopology, RegistryView, RegistryWriter, scanStream } from '@waybill/transport';
import { startNats, testLogger, type TestNats } from '@waybill/testkit';
import { startDispatcher } from '../start-dispatcher.ts';

export const REGION = 'local';
const TENANT = 'acme' as TenantId;
/** Fast enough for tests; schedules fire with a granularity of about a second. */
const FAST = {
  MAX_PROCESSING_RETRIES: '2',
  RETRY_BASE_DELAY_MS: '1',
  EGRESS_ALLOW: 'loopback',
  LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
};

/** A provisioned region on a real nats-server, with what a planner and an operator would write to it. */
export class TestRegion {
  readonly nats: TestNats;
  readonly bus: Bus;
  readonly registry: RegistryView;
  readonly writer: RegistryWriter;
  readonly #publisher: Publisher;
  readonly #running = new Set<{ close(): Promise<void> }>();

  private constructor(nats: TestNats, bus: Bus, registry: RegistryView) {
    this.nats = nats;
    this.bus = bus;
    this.registry = registry;
    this.writer = new RegistryWriter(bus, REGION, registry);
    this.#publisher = new Publisher(bus);
  }

  static async start(): Promise<TestRegion> {
    const nats = await startNats({ region: REGION });
    const bus = await connectBus({ servers: nats.url, name: 'test' });
    return new TestRegion(nats, bus, await RegistryView.follow(bus, testLogger(), REGION));
  }

  /** Starts the whole service against this region. */
  async dispatcher(env: Record<string, string> = {}): Promise<{ url: string; close(): Promise<void> }> {
    const service = await startDispatcher({ REGION, NATS_URL: this.nats.url, ...FAST, ...env });
    const running = { url: service.url, close: () => this.#stop(running, service) };
    this.#running.add(running);
    return running;
  }

  async stopDispatchers(): Promise<void> {
    for (const running of this.#running) await running.close();
  }

  async stop(): Promise<void> {
    await this.stopDispatchers();
    this.registry.close();
    this.#publisher.close();
    await this.bus.close();
    await this.nats.cleanup();
  }

  async endpoint(url: string, more: Partial<Endpoint> = {}): Promise<Endpoint> {
    const at = new Date().toISOString();
    const id = `ep_${randomBytes(5).toString('hex')}`;
    const secrets = [{ key: `whsec_${createHash('sha256').update(id).digest('base64')}` }];
    const endpoint = endpointSchema.parse({ id, tenantId: TENANT, url, secrets, createdAt: at, updatedAt: at, ...more });
    await this.writer.create('endpoint', [TENANT, endpoint.id], endpoint);
    return endpoint;
  }

  /** Writes a plan for these endpoints, as the planner does; returns its event id. */
  async plan(
    endpoints: readonly Endpoint[],
    data = '{"n":1.0}',
    { traceparent, ...more }: Partial<PlanHead> & { orderingKey?: string; traceparent?: string } = {},
  ): Promise<EventId> {
    const eventId = newEventId(Date.now(), randomBytes(10));
    await this.#publisher.publish({
      subject: subjects.plan(REGION, 'g', REGION),
      msgId: eventId,
      body: joinRawData(this.#head(eventId, endpoints, more), Buffer.from(data)),
      ...(traceparent === undefined ? {} : { headers: { traceparent } }),
    });
    return eventId;
  }

  /** Makes the consumers of the dispatcher anew, as if no ack had ever arrived. */
  async forgetAcks(): Promise<void> {
    const { log } = streamNames(REGION);
    await this.bus.jsm.consumers.delete(log, CONSUMERS.dispatcherPlans);
    await provision(this.bus, regionTopology(REGION));
  }

  /** The body of a fired schedule for this attempt. */
  async dueBody(eventId: EventId, endpoint: Endpoint, attempt: number): Promise<object> {
    const stream = streamNames(REGION).log;
    let seq = 0;
    await scanStream(this.bus, { stream, subjects: [subjects.plansFor(REGION, REGION)] }, (message) => {
      if (Buffer.from(message.body).includes(eventId)) seq = message.seq;
    });
    return {
      v: 1,
      deliveryId: deliveryIdOf(eventId, endpoint.id),
      eventId,
      tenantId: TENANT,
      endpointId: endpoint.id,
      attempt,
      plan: { stream, seq },
    };
  }

  /** Writes the fact of a failed first attempt, as a dispatcher that died right afterwards would have. */
  async recordAttempt(eventId: EventId, { id: endpointId }: Endpoint, next: Consequence): Promise<void> {
    const fact: DeliveryAttempted = {
      v: 1,
      deliveryId: deliveryIdOf(eventId, endpointId),
      eventId,
      tenantId: TENANT,
      endpointId,
      attempt: 1,
      at: new Date().toISOString(),
      durationMs: 5,
      region: REGION,
      outcome: { kind: 'retryable', reason: 'http_status', detail: 'the receiver answered 500', httpStatus: 500 },
      next,
    };
    await this.publishRaw(subjects.fact(REGION, 'g', 'delivery.attempted'), JSON.stringify(fact));
  }

  /** Writes what an operator asks of a delivery, as the ingress does. */
  async instruct(instruction: DeliveryInstructed['instruction'], eventId: EventId, { id: endpointId }: Endpoint): Promise<void> {
    const ids = { deliveryId: deliveryIdOf(eventId, endpointId), eventId, tenantId: TENANT, endpointId };
    const by = { actor: 'ops', reason: 'the receiver is well again' };
    const fact: DeliveryInstructed = { v: 1, instruction, ...ids, region: REGION, by, at: new Date().toISOString() };
    await this.publishRaw(subjects.fact(REGION, 'g', 'delivery.instructed'), JSON.stringify(fact));
  }

  publishRaw(subject: string, body: string): Promise<unknown> {
    return this.#publisher.publish({ subject, body, msgId: randomBytes(8).toString('hex') });
  }

  /** Every attempt in the LOG, in order. */
  async attempts(eventId?: EventId): Promise<DeliveryAttempted[]> {
    const facts: DeliveryAttempted[] = [];
    await this.#scan(subjects.factFilter(REGION, 'delivery.attempted'), (body) => facts.push(deliveryAttemptedSchema.parse(body)));
    return facts.filter((fact) => eventId === undefined || fact.eventId === eventId);
  }

  /** Every refusal in the LOG, in order. */
  async refusals(eventId?: EventId): Promise<DeliveryRefused[]> {
    const facts: DeliveryRefused[] = [];
    await this.#scan(subjects.factFilter(REGION, 'delivery.refused'), (body) => facts.push(deliveryRefusedSchema.parse(body)));
    return facts.filter((fact) => eventId === undefined || fact.eventId === eventId);
  }

  async #scan(subject: string, visit: (body: unknown) => void): Promise<void> {
    await scanStream(this.bus, { stream: streamNames(REGION).log, subjects: [subject] }, ({ body }) =>
      visit(JSON.parse(Buffer.from(body).toString('utf8'))),
    );
  }

  #head(
    eventId: EventId,
    endpoints: readonly Endpoint[],
    { orderingKey, ...more }: Partial<PlanHead> & { orderingKey?: string },
  ): PlanHead {
    const at = new Date().toISOString();
    const about = {
      eventId,
      eventType: 'order.paid',
      tenantId: TENANT,
      source: 'api',
      region: REGION,
      timestamp: at,
      correlationId: eventId,
    };
    return {
      v: 1,
      event: orderingKey === undefined ? about : { ...about, orderingKey },
      region: REGION,
      acceptedSeq: 1,
      registryRevision: this.registry.revision,
      deliveries: endpoints.map(({ id }) => ({ deliveryId: deliveryIdOf(eventId, id), endpointId: id })),
      at,
      ...more,
    };
  }

  async #stop(running: { close(): Promise<void> }, service: { close(): Promise<void> }): Promise<void> {
    this.#running.delete(running);
    await service.close();
  }
}
