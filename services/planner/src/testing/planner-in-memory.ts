import {
  type Endpoint,
  endpointSchema,
  type EventId,
  joinRawData,
  type RegionRecord,
  type RoutingView,
  type Scope,
  streamNames,
  subjects,
  type Tenant,
  tenantSchema,
} from '@waybill/contracts';
import { type AcceptedEvent, PlanAppender, type Subscriptions, type ToPlan } from '../application/append-plans.ts';
import type { HoldBody } from '../application/payload-for-filters.ts';
import type { PlanningWatch } from '../application/planning-watch.ts';
import { readAccepted } from '../application/read-accepted.ts';
import type { StickyRegions } from '../application/sticky-regions.ts';
import { MemoryStream } from './memory-stream.ts';

const at = '2026-01-01T00:00:00.000Z';
const schema = { version: 3, minCompatible: 2 };
const order = ['us', 'eu', 'ap'];

/** An accepted event, as the ingress of `region` stores it. */
export function acceptedBody(eventId: string, region: string, change: object = {}): Buffer {
  const about = { eventType: 'order.paid', timestamp: at, region, tenantId: 'acme', source: 'api', correlationId: eventId };
  return joinRawData({ version: 3, minCompatible: 2, eventId, ...about, ...change }, Buffer.from('{"n":1.0}'));
}

/** One region's planner without NATS: its LOG, its copy of the others', the registry, and what is known of all regions. */
export class PlannerInMemory {
  readonly region: string;
  readonly log: MemoryStream;
  readonly peers: MemoryStream;
  readonly records = new Map<string, RegionRecord>();
  readonly spilling = new Set<string>();
  readonly withDefault = new Set<string>();
  readonly endpoints: Endpoint[] = [];
  readonly tenants = new Map<string, Tenant>();
  readonly schema = schema;
  readonly sticky: StickyRegions | undefined;
  readonly watch: PlanningWatch | undefined;
  /** What the registry is asked to have seen. */
  readonly waitedFor: [region: string, revision: number][] = [];
  registryIsBehind = false;
  holdBody: HoldBody = () => Promise.reject(new Error('no large payload is expected'));
  appender: PlanAppender;

  constructor(
    region: string,
    { sticky, watch, nowMs = () => 0 }: { sticky?: StickyRegions; watch?: PlanningWatch; nowMs?: () => number } = {},
  ) {
    this.watch = watch;
    this.region = region;
    this.sticky = sticky;
    const { log, peers } = streamNames(region);
    this.log = new MemoryStream(log, nowMs);
    this.peers = new MemoryStream(peers, nowMs);
    this.appender = this.#appender();
  }

  readonly subscriptions: Subscriptions = {
    ownRevision: (scope) => (scope === 'g' ? 7 : 9),
    position: 11,
    atLeast: async (region, revision) => {
      this.waitedFor.push([region, revision]);
      return !this.registryIsBehind;
    },
    tenant: (id) => this.tenants.get(id),
    endpointsOf: (tenantId) => this.endpoints.filter((one) => one.tenantId === tenantId),
  };

  readonly routing = (): RoutingView => ({ order, states: this.records, spilling: this.spilling });

  /** As a new process: what was only in memory is gone. */
  die(): void {
    this.appender = this.#appender();
  }

  endpoint(id: string, region?: string, tenantId = 'acme'): void {
    const secrets = [{ key: `whsec_${'A'.repeat(32)}` }];
    const fields = { id, tenantId, url: 'https://example.com/h', secrets, createdAt: at, updatedAt: at };
    this.endpoints.push(endpointSchema.parse(region === undefined ? fields : { ...fields, region }));
  }

  tenant(id: string, placement: object): void {
    this.tenants.set(id, tenantSchema.parse({ id, placement, createdAt: at, updatedAt: at }));
  }

  /** Stores an event in the own LOG. */
  accept(eventId: string, change: object = {}, scope: Scope = 'g'): AcceptedEvent {
    const body = acceptedBody(eventId, this.region, change);
    const seq = this.log.store({ subject: subjects.fact(this.region, scope, 'event.accepted'), body });
    return { region: this.region, seq, scope, type: 'event.accepted', isFirstTry: true, body, header: () => '' };
  }

  /** What each plan in the own LOG says: event, region that delivers, endpoints, parts. */
  plans(): [event: EventId, region: string, endpoints: string, parts: number | undefined][] {
    return this.log
      .plans()
      .map(({ event, region, deliveries, parts }) => [event.eventId, region, deliveries.map(({ endpointId }) => endpointId).join(), parts]);
  }

  #appender(): PlanAppender {
    const { subscriptions, routing, sticky, withDefault, watch } = this;
    const settings = { own: this.region, known: new Set(order), withDefault };
    return new PlanAppender({
      schema,
      settings,
      subscriptions,
      routing,
      sticky,
      publish: (message) => this.log.publish(message),
      holdBody: (ref, scope) => this.holdBody(ref, scope),
      nowMs: () => 0,
      watch,
    });
  }
}

export function toPlan(accepted: AcceptedEvent): ToPlan {
  const reading = readAccepted(accepted.body, accepted.region, schema);
  if (reading.kind === 'refused') throw new Error(reading.detail);
  return { accepted, event: reading.event, data: reading.data };
}
