import { randomBytes } from 'node:crypto';
import {
  CONSUMERS,
  deliveryIdOf,
  dueDeliverySchema,
  joinRawData,
  newEventId,
  planHeadSchema,
  streamNames,
  subjects,
} from '@waybill/contracts';
import { startThrowawayDeployment, type ThrowawayDeployment } from '@waybill/nats-server';
import { type Bus, publishSchedule, Publisher } from '@waybill/transport';
import { connectTo, credentialAt, type Installation } from '../../deployment/installation.ts';
import { provisionAll } from '../../deployment/provision-all.ts';

export const REGION = 'us';
const { log, retry } = streamNames(REGION);

const quiet = (): void => undefined;
const instant = new Date().toISOString();

/** A region's servers, without services: what these would write the specs write, each as the user whose work it is. */
export class KeptRegion {
  readonly servers: ThrowawayDeployment;
  readonly #open: (() => Promise<void> | void)[] = [];
  readonly #publishers = new Map<string, Publisher>();

  private constructor(servers: ThrowawayDeployment) {
    this.servers = servers;
  }

  static async start(options: { provisioned: boolean }): Promise<KeptRegion> {
    const region = new KeptRegion(await startThrowawayDeployment({ regions: [REGION] }));
    if (options.provisioned) await region.provision();
    return region;
  }

  get installation(): Installation {
    const { deployment } = this.servers;
    return { deployment, login: (place, user) => credentialAt(deployment, place, user) };
  }

  provision(): Promise<unknown> {
    return provisionAll(this.installation, { topology: {} }, quiet);
  }

  async bus(user: string): Promise<Bus> {
    const bus = await connectTo(this.installation, { place: REGION, user });
    this.#open.push(() => bus.close());
    return bus;
  }

  /** A kilobyte that no compression makes small. */
  async accept(count: number): Promise<void> {
    const { publish } = await this.#publisher('ingress');
    const body = (): string => randomBytes(512).toString('hex');
    const one = (): Promise<unknown> =>
      publish({ subject: subjects.fact(REGION, 'g', 'event.accepted'), body: body(), msgId: body().slice(0, 32) });
    await Promise.all(Array.from({ length: count }, one));
  }

  /** A plan with one delivery, which `last` says the newest attempt of. Resolves with the delivery's id. */
  async plan(last?: 'retry' | 'delivered', orderingKey?: string): Promise<string> {
    const [eventId, endpointId] = [newEventId(Date.now(), randomBytes(10)), 'ep_1'];
    const ids = planHeadSchema.shape.deliveries.element.pick({ endpointId: true }).parse({ endpointId });
    const deliveryId = deliveryIdOf(eventId, ids.endpointId);
    const event = {
      eventId,
      eventType: 'order.paid',
      tenantId: 'acme',
      source: 'api',
      region: REGION,
      timestamp: instant,
      correlationId: eventId,
      orderingKey,
    };
    const head = {
      v: 1,
      event,
      region: REGION,
      acceptedSeq: 1,
      registryRevision: 0,
      deliveries: [{ deliveryId, endpointId }],
      at: instant,
    };
    const planner = await this.#publisher('planner');
    await planner.publish({ subject: subjects.plan(REGION, 'g', REGION), body: joinRawData(head, Buffer.from('{}')), msgId: eventId });
    if (last === undefined) return deliveryId;
    const about = { v: 1, deliveryId, eventId, tenantId: 'acme', endpointId, attempt: 1, at: instant, durationMs: 1, region: REGION };
    const outcome = last === 'delivered' ? { kind: 'accepted', httpStatus: 200 } : { kind: 'retryable', reason: 'timeout', detail: 'none' };
    const fact = { ...about, outcome, next: last === 'delivered' ? { kind: 'delivered' } : { kind: 'retry', at: instant } };
    const dispatcher = await this.#publisher('dispatcher');
    await dispatcher.publish({
      subject: subjects.fact(REGION, 'g', 'delivery.attempted'),
      body: JSON.stringify(fact),
      msgId: `${deliveryId} 1`,
    });
    return deliveryId;
  }

  /** A delivery whose retry is due in an hour, as RETRY has it. */
  async schedule(): Promise<string> {
    const deliveryId = await this.plan('retry');
    const dispatcher = await this.#publisher('dispatcher');
    const { element } = planHeadSchema.shape.deliveries;
    const id = element.shape.deliveryId.parse(deliveryId);
    await publishSchedule(dispatcher.publish, { region: REGION, deliveryId: id, dueMs: Date.now() + 3_600_000, attempt: 2, body: '{}' });
    return deliveryId;
  }

  /** Takes the plans that are there, and acks all but the last one. */
  async work(): Promise<void> {
    const { js } = await this.bus('dispatcher');
    const consumer = await js.consumers.get(log, CONSUMERS.dispatcherPlans);
    const { num_pending: count } = await consumer.info();
    let taken = 0;
    for await (const message of await consumer.fetch({ max_messages: count, expires: 5_000 })) {
      taken += 1;
      if (taken < count) await message.ackAck();
    }
  }

  async streams(): Promise<string[]> {
    const bus = await this.bus('keeper');
    const names: string[] = [];
    for await (const name of bus.jsm.streams.names()) names.push(name);
    return names;
  }

  /** The deliveries that have a schedule, or one that has fired. */
  async brought(): Promise<string[]> {
    const bus = await this.bus('keeper');
    const { state } = await bus.jsm.streams.info(retry, { subjects_filter: `wb.${REGION}.retry.*.*` });
    const found = Object.keys(state.subjects ?? {}).map((subject) => subject.slice(subject.lastIndexOf('.') + 1));
    for (let seq = 1; ;) {
      const message = await bus.jsm.direct.getMessage(retry, { seq, next_by_subj: subjects.retryDue(REGION) });
      if (message === null) return found;
      found.push(dueDeliverySchema.parse(message.json()).deliveryId);
      seq = message.seq + 1;
    }
  }

  async #publisher(user: string): Promise<Publisher> {
    const known = this.#publishers.get(user);
    if (known !== undefined) return known;
    const publisher = new Publisher(await this.bus(user), { timeoutMs: 20_000 });
    this.#open.push(() => publisher.close());
    this.#publishers.set(user, publisher);
    return publisher;
  }

  async cleanup(): Promise<void> {
    for (const close of this.#open.toReversed()) await close();
    await this.servers.cleanup();
  }
}
