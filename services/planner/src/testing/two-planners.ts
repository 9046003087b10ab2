import {
  dispatchDecidedSchema,
  type DispatchDecided,
  type EndpointId,
  endpointSchema,
  type FactType,
  type GithubRun,
  parseFactSubject,
  type PlanHead,
  planHeadSchema,
  type RegionRecord,
  type Scope,
  splitRawData,
  streamNames,
  subjects,
  type TakeoverClosed,
  takeoverClosedSchema,
  tenantSchema,
} from '@waybill/contracts';
import { HUB, startThrowawayDeployment, type ThrowawayDeployment } from '@waybill/nats-server';
import { ControlView } from '@waybill/regions';
import type { RunningService } from '@waybill/runtime';
import { eventually, testLogger } from '@waybill/testkit';
import {
  type Bus,
  connectBus,
  provisionRegions,
  Publisher,
  RegistryView,
  RegistryWriter,
  scanStream,
  type Stored,
} from '@waybill/transport';
import { startPlanner } from '../start-planner.ts';
import { runBody } from './finished-run.ts';
import { acceptedBody } from './planner-in-memory.ts';
import { regionRecord } from './region-record.ts';

const REGIONS = ['us', 'eu'] as const;
export type Region = (typeof REGIONS)[number];
const at = '2026-01-01T00:00:00.000Z';

/** What the ingress of a region writes with, and an operator looks with. */
interface Seat {
  readonly publisher: Publisher;
  readonly registry: RegistryView;
  readonly writer: RegistryWriter;
  readonly looking: Bus;
}

/** Two regions with real servers, a hub between them, and users who may do what they need and no more; planners come and go. */
export class TwoPlanners {
  readonly servers: ThrowawayDeployment;
  readonly #seats: ReadonlyMap<Region, Seat>;
  readonly #buses: readonly Bus[];
  readonly #control: ControlView;
  readonly #planners = new Map<Region, RunningService>();

  private constructor(parts: {
    servers: ThrowawayDeployment;
    seats: ReadonlyMap<Region, Seat>;
    buses: readonly Bus[];
    control: ControlView;
  }) {
    this.servers = parts.servers;
    this.#seats = parts.seats;
    this.#buses = parts.buses;
    this.#control = parts.control;
  }

  static async start(): Promise<TwoPlanners> {
    const servers = await startThrowawayDeployment({ regions: REGIONS, hubNodes: 1 });
    const buses: Bus[] = [];
    const as = async (place: string, user: string): Promise<Bus> => {
      const { servers: urls, pass: password, ...login } = servers.login(place, user);
      const bus = await connectBus({ ...login, servers: urls.join(','), password, name: `spec-${user}` });
      buses.push(bus);
      return bus;
    };
    await provisionRegions(
      await Promise.all(REGIONS.map(async (id) => ({ id, bus: await as(id, 'provisioner') }))),
      await as(HUB, 'admin'),
    );
    const seat = async (region: Region): Promise<[Region, Seat]> => {
      const [ingress, looking] = await Promise.all([as(region, 'ingress'), as(region, 'operator')]);
      const registry = await RegistryView.follow(ingress, testLogger(), region);
      return [region, { publisher: new Publisher(ingress), registry, writer: new RegistryWriter(ingress, region, registry), looking }];
    };
    const seats = new Map(await Promise.all(REGIONS.map(seat)));
    const control = ControlView.follow({ bus: await as('us', 'dispatcher'), logger: testLogger(), regions: REGIONS, domain: HUB });
    return new TwoPlanners({ servers, seats, buses, control });
  }

  /** Starts the planner of a region and waits until it is ready. */
  async planner(region: Region, env: Record<string, string> = {}): Promise<RunningService> {
    const planner = await startPlanner({ ...this.#environment(region), ...env });
    this.#planners.set(region, planner);
    await eventually(async () => (await fetch(`${planner.url}/health/ready`)).status === 200);
    return planner;
  }

  async stopPlanner(region: Region): Promise<void> {
    await this.#planners.get(region)?.close();
    this.#planners.delete(region);
  }

  async stop(): Promise<void> {
    for (const region of REGIONS) await this.stopPlanner(region);
    this.#control.close();
    for (const { publisher, registry } of this.#seats.values()) {
      publisher.close();
      registry.close();
    }
    for (const bus of this.#buses) await bus.close();
    await this.servers.cleanup();
  }

  /** Writes a region's record, as its dispatcher or an operator does. */
  setState(region: Region, state: RegionRecord['state'], epoch: number): Promise<RegionRecord> {
    const renewedAt = new Date().toISOString();
    return this.#control.change(region, () => regionRecord(region, state, { epoch, renewedAt, since: renewedAt }));
  }

  /** Writes the report of `us`, as its dispatcher does. */
  reportSpilling(spilling: boolean): Promise<void> {
    const load = { queueDepth: 0, inFlight: 0, concurrencyPercent: 0, errorRate: 0, lagMs: {} };
    return this.#control.putReport({ v: 1, region: 'us', at: new Date().toISOString(), spilling, ...load });
  }

  /** Registers a tenant in `us` with endpoints and the regions they are pinned to. Waits until both regions know them, a strict tenant's home alone. */
  async tenant(id: string, endpoints: Readonly<Record<string, Region | undefined>>, placement?: { residency: 'strict' }): Promise<void> {
    const { writer } = this.#at('us');
    const strict = placement === undefined ? undefined : { home: 'us', ...placement };
    await writer.put('tenant', [id], tenantSchema.parse({ id, placement: strict, createdAt: at, updatedAt: at }));
    for (const [name, region] of Object.entries(endpoints)) {
      const secrets = [{ key: `whsec_${'A'.repeat(32)}` }];
      const record = { id: name, tenantId: id, url: 'https://example.com/h', secrets, createdAt: at, updatedAt: at };
      await writer.put('endpoint', [id, name], endpointSchema.parse(region === undefined ? record : { ...record, region }));
    }
    if (strict !== undefined) return;
    await eventually(() => Object.keys(endpoints).every((name) => this.#at('eu').registry.endpoint(id, name) !== undefined));
  }

  accept(region: Region, eventId: string, tenantId: string, change: { scope?: Scope; correlationId?: string } = {}): Promise<Stored> {
    const { scope = 'g', ...more } = change;
    const { publisher, registry } = this.#at(region);
    return publisher.publish({
      subject: subjects.fact(region, scope, 'event.accepted'),
      body: acceptedBody(eventId, region, { tenantId, ...more }),
      msgId: eventId,
      headers: { 'Wb-Registry': String(registry.ownRevision(scope)) },
    });
  }

  /** Stores a finished run as the ingress does. */
  acceptRun(region: Region, eventId: string, run: GithubRun, scope: Scope = 'g'): Promise<Stored> {
    const subject = subjects.fact(region, scope, 'run.completed');
    return this.#at(region).publisher.publish({ subject, body: runBody(eventId, region, run), msgId: eventId });
  }

  /** Stores a fact as a service of a region does which dies right after. */
  async storeAs(service: 'planner' | 'ingress', region: Region, subject: string, body: object): Promise<Stored> {
    const { servers, pass, ...login } = this.servers.login(region, service);
    const bus = await connectBus({ ...login, servers: servers.join(','), password: pass, name: 'spec-dying' });
    const publisher = new Publisher(bus);
    const stored = await publisher.publish({ subject, body: JSON.stringify(body), msgId: `dying ${subject}` });
    publisher.close();
    await bus.close();
    return stored;
  }

  async decisions(region: Region): Promise<DispatchDecided[]> {
    const facts: DispatchDecided[] = [];
    await this.#scan(region, 'log', 'dispatch.decided', (body) => {
      facts.push(dispatchDecidedSchema.parse(JSON.parse(Buffer.from(body).toString('utf8'))));
    });
    return facts;
  }

  /** The plans of an event in a region's LOG or its copy of the others': planner, region that delivers, endpoints. */
  async plansOf(
    region: Region,
    eventId: string,
    stream: 'log' | 'peers' = 'log',
  ): Promise<[by: string, region: string, endpoints: EndpointId[]][]> {
    const plans: [string, string, EndpointId[]][] = [];
    await this.#scan(region, stream, 'plan.made', (body, by) => {
      const head: PlanHead = planHeadSchema.parse(splitRawData(body).head);
      if (head.event.eventId === eventId) plans.push([by, head.region, head.deliveries.map(({ endpointId }) => endpointId)]);
    });
    return plans;
  }

  async closings(region: Region): Promise<TakeoverClosed[]> {
    const facts: TakeoverClosed[] = [];
    await this.#scan(region, 'log', 'takeover.closed', (body) => {
      facts.push(takeoverClosedSchema.parse(JSON.parse(Buffer.from(body).toString('utf8'))));
    });
    return facts;
  }

  /** Waits until a region has a copy of a message of the other one's LOG. */
  async replicated(to: Region, seq: number, type: FactType = 'event.accepted'): Promise<void> {
    const seen = async (): Promise<number> => {
      let newest = 0;
      await this.#scan(to, 'peers', type, (_body, _by, originSeq) => {
        newest = Math.max(newest, originSeq);
      });
      return newest;
    };
    await eventually(async () => (await seen()) >= seq);
  }

  async #scan(
    region: Region,
    stream: 'log' | 'peers',
    type: FactType,
    visit: (body: Uint8Array, by: string, originSeq: number) => void,
  ): Promise<void> {
    const filter = `wb.*.*.${type}${type === 'plan.made' ? '.>' : ''}`;
    await scanStream(this.#at(region).looking, { stream: streamNames(region)[stream], subjects: [filter] }, ({ subject, body, origin }) =>
      visit(body, parseFactSubject(subject)?.region ?? '', origin?.seq ?? 0),
    );
  }

  #at(region: Region): Seat {
    const seat = this.#seats.get(region);
    if (seat === undefined) throw new Error(`no region ${region} here`);
    return seat;
  }

  #environment(region: Region): Record<string, string> {
    const regions = REGIONS.map((id, index) => {
      const { servers, user, pass } = this.servers.login(id, 'planner');
      return {
        id,
        region: id,
        host: servers.join(','),
        key: `${user}:${pass}`,
        webhook_url: `https://hooks.test/${id}`,
        priority: index + 1,
      };
    });
    return { REGION: region, REGIONS_CONFIG: JSON.stringify(regions), LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent' };
  }
}
