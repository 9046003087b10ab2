import {
  type AcceptedType,
  type DecidedTarget,
  deliveryIdOf,
  type Endpoint,
  type EnvelopeHead,
  type EventRefused,
  type EventSchema,
  githubTenantId,
  joinRawData,
  type PlanHead,
  type RoutingView,
  type Scope,
  subjects,
  type Tenant,
} from '@waybill/contracts';
import type { Publish } from '@waybill/transport';
import { chooseEndpoints } from '../domain/choose-endpoints.ts';
import { chooseRegions, type DeliveryRoute, type RegionSettings } from '../domain/choose-regions.ts';
import { makePlan, type PlannedDelivery } from '../domain/make-plan.ts';
import { routeDispatch } from '../domain/runs/route-dispatch.ts';
import { payloadForFilters, type HoldBody } from './payload-for-filters.ts';
import type { PlannedEvents } from './planned-events.ts';
import type { AboutRefused } from './read-accepted.ts';
import type { StickyRegions } from './sticky-regions.ts';

/** What planning needs of the registry. */
export interface Subscriptions {
  /** Sequence of the newest entry of the own region that was read. */
  ownRevision(scope: Scope): number;
  /** How far the registry was read here, copies of other regions' entries included. */
  readonly position: number;
  /** Resolves true when what `region` had at `revision` was read here, false after `budgetMs`. */
  atLeast(region: string, revision: number, budgetMs: number): Promise<boolean>;
  tenant(tenantId: string): Tenant | undefined;
  endpointsOf(tenantId: string): readonly Endpoint[];
}

/** An accepted event as one region's LOG holds it, or another region's copy of that. */
export interface AcceptedEvent {
  /** The region that accepted it. */
  readonly region: string;
  /** Sequence in the LOG of that region. */
  readonly seq: number;
  readonly scope: Scope;
  readonly type: AcceptedType;
  /** False when it may have been handled before: handed out again, or another region's. */
  readonly isFirstTry: boolean;
  readonly body: Uint8Array;
  header(name: string): string;
}

/** Why the deliveries of one event go where they go, for the debug log. */
export interface Explanation {
  readonly eventId: string;
  readonly correlationId: string;
  readonly routes: readonly DeliveryRoute[];
}

export interface AppendPorts {
  readonly schema: EventSchema;
  readonly settings: RegionSettings;
  readonly subscriptions: Subscriptions;
  /** What is known of the regions now. */
  readonly routing: () => RoutingView;
  /** Absent with a single region. */
  readonly sticky?: StickyRegions | undefined;
  readonly publish: Publish;
  readonly holdBody: HoldBody;
  readonly nowMs: () => number;
  readonly explain?: ((why: Explanation) => void) | undefined;
}

/** A readable event, and where it was found. */
export interface ToPlan {
  readonly accepted: Pick<AcceptedEvent, 'region' | 'seq' | 'scope'>;
  readonly event: EnvelopeHead;
  readonly data: Buffer;
  /** Only for a finished run, and empty when nothing is owed to a workflow: such an event never goes to a region's default endpoint. */
  readonly dispatches?: readonly DecidedTarget[] | undefined;
}

/** A delivery, and the region that makes it. */
export interface Owed {
  readonly region: string;
  readonly delivery: PlannedDelivery;
}

interface Part {
  readonly region: string;
  readonly deliveries: PlannedDelivery[];
}

/** What later events follow: a choice of this planner, not of circumstances. */
const CHOSEN: ReadonlySet<DeliveryRoute['because']> = new Set(['wanted', 'spillover', 'remembered']);
/** More than all events that can be under way at once. */
const MAX_UNCERTAIN = 20_000;

/** Appends the plans of events, one for each region that delivers, and the refusals. */
export class PlanAppender {
  readonly #ports: AppendPorts;
  /** Plans whose publish failed with an unknown outcome: repeated as they were, for another decision might plan a delivery twice. */
  readonly #uncertain = new Map<string, PlanHead>();
  readonly #withoutDefaults: RegionSettings;

  constructor(ports: AppendPorts) {
    this.#ports = ports;
    this.#withoutDefaults = { ...ports.settings, withDefault: new Set() };
  }

  /**
   * Appends what is missing of an event's plans and notes each in `planned`. Deliveries that occur in a plan seen before are left out. Throws what `publish`
   * throws, and PayloadAway; called again, it goes on where it stopped.
   */
  async appendMissing(toPlan: ToPlan, planned: PlannedEvents): Promise<void> {
    const { seq } = toPlan.accepted;
    await this.#repeatUncertain(toPlan, planned);
    if (planned.isWhole(seq)) return;
    const all = await this.owed(toPlan);
    const seen = planned.partOf(seq);
    const owed = all.filter(({ delivery }) => seen?.deliveryIds.has(delivery.deliveryId) !== true);
    const parts = groupByRegion(owed);
    if (parts.length === 0 && seen === undefined) parts.push({ region: this.#ports.settings.own, deliveries: [] });
    const count = parts.length + (seen?.regions.length ?? 0);
    for (const part of parts) await this.#append(toPlan, this.#headOf(toPlan, part, count), planned);
    planned.noteWhole(seq);
  }

  /** Appends the fact that an event was set aside. Also the way of poison messages. */
  async refuse(
    { region, seq, scope }: ToPlan['accepted'],
    { about, verdict, detail }: Pick<EventRefused, 'verdict' | 'detail'> & { readonly about: AboutRefused },
    planned: PlannedEvents,
  ): Promise<void> {
    const { settings, publish, nowMs } = this.#ports;
    const fact = { v: 1, ...about, verdict, detail, region, seq, at: new Date(nowMs()).toISOString() };
    const subject = subjects.fact(settings.own, scope, 'event.refused');
    await publish({ subject, body: JSON.stringify(fact), msgId: `refused:${region}:${seq}` });
    planned.noteWhole(seq);
  }

  /** The deliveries that an event is owed now, and where each goes. Throws PayloadAway. */
  async owed(toPlan: ToPlan): Promise<Owed[]> {
    const { accepted, event, data } = toPlan;
    const { eventId, correlationId } = event;
    const { holdBody, subscriptions } = this.#ports;
    const endpoints = subscriptions.endpointsOf(event.tenantId);
    const payload = await payloadForFilters(holdBody, { event, scope: accepted.scope, data, endpoints });
    const routes = this.#route(toPlan, payload);
    const owed = routes.map(({ region, endpointId }) => ({
      region,
      delivery: { deliveryId: deliveryIdOf(eventId, endpointId), endpointId },
    }));
    const dispatches = this.#routeDispatches(toPlan);
    this.#ports.explain?.({ eventId, correlationId, routes: [...routes, ...dispatches.map(({ route }) => route)] });
    return [...owed, ...dispatches.map(({ route, delivery }) => ({ region: route.region, delivery }))];
  }

  #routeDispatches({ accepted, dispatches = [] }: ToPlan): { route: DeliveryRoute; delivery: PlannedDelivery }[] {
    const { settings, subscriptions, routing } = this.#ports;
    return dispatches.flatMap(({ deliveryId, endpointId, dispatch }) => {
      if (dispatch === undefined) return [];
      const home = subscriptions.tenant(githubTenantId(dispatch.owner))?.placement?.home;
      const { region: acceptedIn, scope } = accepted;
      const route = routeDispatch({ settings, view: routing(), acceptedIn, scope, home, target: dispatch });
      return [{ route: { endpointId, ...route }, delivery: { deliveryId, endpointId, dispatch } }];
    });
  }

  #route({ accepted, event, dispatches }: ToPlan, payload: () => unknown): DeliveryRoute[] {
    const { settings, subscriptions, routing, sticky } = this.#ports;
    const { eventId, tenantId, correlationId, orderingKey, onlyTo } = event;
    const all = subscriptions.endpointsOf(tenantId);
    // An event that is its own correlation has no followers yet, and most stay alone.
    const stickTo = correlationId === eventId ? undefined : sticky;
    const routes = chooseRegions({
      settings: dispatches === undefined && onlyTo === undefined ? settings : this.#withoutDefaults,
      view: routing(),
      event: {
        acceptedIn: accepted.region,
        scope: accepted.scope,
        correlationId,
        orderingKey,
        placement: subscriptions.tenant(tenantId)?.placement,
      },
      matching: chooseEndpoints(event, all, payload),
      all,
      remembered: stickTo && ((wanted) => stickTo.find(correlationId, wanted)),
    });
    for (const { wanted, region, because } of routes) {
      if (CHOSEN.has(because)) stickTo?.remember(correlationId, wanted, region);
    }
    return routes;
  }

  #headOf({ accepted, event }: ToPlan, { region, deliveries }: Part, parts: number): PlanHead {
    const { subscriptions, nowMs } = this.#ports;
    return makePlan({
      event,
      acceptedIn: accepted.region,
      acceptedSeq: accepted.seq,
      deliveries,
      region,
      parts,
      registryRevision: subscriptions.ownRevision(accepted.scope),
      registrySeen: subscriptions.position,
      nowMs: nowMs(),
    });
  }

  async #repeatUncertain(toPlan: ToPlan, planned: PlannedEvents): Promise<void> {
    const head = this.#uncertain.get(toPlan.event.eventId);
    if (head === undefined) return;
    this.#uncertain.delete(toPlan.event.eventId);
    const seen = planned.partOf(head.acceptedSeq)?.deliveryIds;
    // A lost connection has the own output read again, and then the outcome is known.
    const isStored = planned.isWhole(head.acceptedSeq) || head.deliveries.every(({ deliveryId }) => seen?.has(deliveryId) === true);
    if (!isStored) await this.#append(toPlan, head, planned);
  }

  async #append({ accepted, event, data }: ToPlan, head: PlanHead, planned: PlannedEvents): Promise<void> {
    const { settings, publish } = this.#ports;
    const seen = planned.partOf(accepted.seq)?.regions.filter((region) => region === head.region).length ?? 0;
    // The stream would take a second plan for the same region for the first one.
    const msgId = `plan:${event.eventId}:${head.region}${seen === 0 ? '' : `:${seen + 1}`}`;
    try {
      await publish({ subject: subjects.plan(settings.own, accepted.scope, head.region), body: joinRawData(head, data), msgId });
    } catch (error) {
      if (this.#uncertain.size < MAX_UNCERTAIN) this.#uncertain.set(event.eventId, head);
      throw error;
    }
    planned.notePlan(head);
  }
}

/** The deliveries of an event by the region that makes them: each is a plan. */
export function groupByRegion(owed: readonly Owed[]): Part[] {
  const parts = new Map<string, PlannedDelivery[]>();
  for (const { region, delivery } of owed) {
    const deliveries = parts.get(region);
    if (deliveries === undefined) parts.set(region, [delivery]);
    else deliveries.push(delivery);
  }
  return [...parts].map(([region, deliveries]) => ({ region, deliveries }));
}
