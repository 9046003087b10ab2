import { randomBytes } from 'node:crypto';
import {
  type DeliveryId,
  deliveryIdOf,
  type EndpointId,
  type EventId,
  HEADERS,
  joinRawData,
  newEventId,
  type PlanHead,
  type Scope,
  streamNames,
  subjects,
} from '@waybill/contracts';
import { startThrowawayNats } from '@waybill/nats-server';
import { type Bus, connectBus, provision, Publisher, regionTopology } from '@waybill/transport';
import type { AuditedRegion } from '../walk/stretch.ts';

const REGIONS = ['us', 'eu'] as const;
export type TestRegion = (typeof REGIONS)[number];

/** An event that was planned, and its one delivery. */
export interface PlannedEvent {
  readonly eventId: EventId;
  readonly deliveryId: DeliveryId;
}

interface Plan {
  readonly by?: TestRegion;
  readonly deliverIn?: TestRegion;
  readonly scope?: Scope;
  /** How long ago it was accepted and planned, by its id and its plan, in ms. */
  readonly agoMs?: number;
  readonly replay?: PlanHead['replay'];
  readonly replayOf?: DeliveryId;
}

/** Both regions' streams on one real server, which copies their LOGs by itself. */
export class TwoRegions {
  readonly bus: Bus;
  readonly regions: readonly AuditedRegion[];
  readonly publisher: Publisher;
  readonly #cleanup: () => Promise<void>;

  static async start(): Promise<TwoRegions> {
    const nats = await startThrowawayNats();
    const bus = await connectBus({ servers: nats.url, name: 'audit-spec' });
    for (const region of REGIONS) await provisionBeside(bus, region);
    return new TwoRegions(bus, () => nats.cleanup());
  }

  private constructor(bus: Bus, cleanup: () => Promise<void>) {
    this.bus = bus;
    this.regions = REGIONS.map((id) => ({ id, bus }));
    this.publisher = new Publisher(bus);
    this.#cleanup = cleanup;
  }

  async accepted(
    region: TestRegion,
    { agoMs = 0, scope = 'g', key }: { agoMs?: number; scope?: Scope; key?: string } = {},
  ): Promise<EventId> {
    const eventId = newEventId(Date.now() - agoMs, randomBytes(10));
    const body = joinRawData({ version: 3, eventId }, Buffer.from('{}'));
    const headers = key === undefined ? {} : { [HEADERS.idempotency]: key };
    await this.append(subjects.fact(region, scope, 'event.accepted'), body, headers);
    return eventId;
  }

  async planned(eventId: EventId, acceptedIn: TestRegion, plan: Plan = {}): Promise<PlannedEvent> {
    const { by = acceptedIn, deliverIn = by, scope = 'g', agoMs = 0, replay, replayOf } = plan;
    const at = new Date(Date.now() - agoMs).toISOString();
    const endpointId = (replayOf === undefined ? 'ep_1' : `ep_1 ${replayOf}`) as EndpointId;
    const deliveryId = deliveryIdOf(eventId, endpointId);
    const about = {
      eventId,
      eventType: 'order.paid',
      tenantId: 'acme',
      source: 'api',
      region: acceptedIn,
      timestamp: at,
      correlationId: eventId,
    };
    const deliveries = [{ deliveryId, endpointId: 'ep_1', replayOf }];
    const head = { v: 1, event: about, region: deliverIn, acceptedSeq: 1, registryRevision: 0, replay, deliveries, at };
    await this.append(subjects.plan(by, scope, deliverIn), joinRawData(head, Buffer.from('{}')));
    return { eventId, deliveryId };
  }

  /** An event that was accepted and planned. */
  async event(region: TestRegion, plan: Plan = {}): Promise<PlannedEvent> {
    const eventId = await this.accepted(region, plan);
    return this.planned(eventId, region, plan);
  }

  async tried(
    of: PlannedEvent,
    next: object,
    { by = 'us', scope = 'g', attempt = 1 }: { by?: TestRegion; scope?: Scope; attempt?: number } = {},
  ): Promise<void> {
    const ids = { ...of, tenantId: 'acme', endpointId: 'ep_1' };
    const outcome = { kind: 'accepted', httpStatus: 200 };
    const fact = { v: 1, ...ids, attempt, at: new Date().toISOString(), durationMs: 1, region: by, outcome, next };
    await this.append(subjects.fact(by, scope, 'delivery.attempted'), JSON.stringify(fact));
  }

  async append(subject: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<void> {
    await this.publisher.publish({ subject, body, headers, msgId: randomBytes(8).toString('hex') });
  }

  /** Acks what waits in a consumer. */
  async work(stream: string, durable: string): Promise<void> {
    const consumer = await this.bus.js.consumers.get(stream, durable);
    for (let left = (await consumer.info()).num_pending; left > 0; left -= 1) await (await consumer.next({ expires: 5_000 }))?.ackAck();
  }

  async copied(region: TestRegion): Promise<number> {
    return (await this.bus.jsm.streams.info(streamNames(region).peers)).state.messages;
  }

  async cleanup(): Promise<void> {
    this.publisher.close();
    await this.bus.close();
    await this.#cleanup();
  }
}

async function provisionBeside(bus: Bus, region: TestRegion): Promise<void> {
  const peer = region === 'us' ? 'eu' : 'us';
  const { streams, consumers } = regionTopology(region, { peers: [peer] });
  const { log, peers, retry } = streamNames(region);
  const own = streams.filter(({ name }) => [log, peers, retry].includes(name));
  // Both are in one domain here, so the copies come without a consumer of their own.
  const beside = own.map((stream) =>
    stream.name === peers ? { ...stream, sources: [{ name: streamNames(peer).log, filter_subject: subjects.replicated(peer) }] } : stream,
  );
  const first = beside.filter(({ name }) => name !== peers);
  const [work] = consumers.map(({ config }) => config);
  const pulled = consumers.map(({ stream, config }) =>
    config.deliver_subject === undefined
      ? { stream, config }
      : { stream, config: { ...work, durable_name: config.durable_name, filter_subjects: config.filter_subjects ?? [] } },
  );
  await provision(bus, { streams: first, consumers: [] });
  await provision(bus, { streams: [], consumers: pulled.filter(({ stream }) => stream === log || stream === retry) });
  await bus.jsm.streams.add({ ...beside.find(({ name }) => name === peers), name: peers });
  await provision(bus, { streams: [], consumers: consumers.filter(({ stream }) => stream === peers) });
}
