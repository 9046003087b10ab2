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
import { makePlan } from '../domain/make-plan.ts';
import { type Because, groupByRegion, type Owed, type Part } from '../domain/owed.ts';
import { routeDispatch } from '../domain/runs/route-dispatch.ts';
import { payloadForFilters, type HoldBody } from './payload-for-filters.ts';
import type { PlannedEvents } from './planned-events.ts';
import { type Explanation, NO_PLANNING_WATCH, type PlanningWatch, type PlanTold, type Traced } from './planning-watch.ts';
import type { AboutRefused } from './read-accepted.ts';
import type { StickyRegions } from './sticky-regions.ts';
import { traceHeaders } from './trace-headers.ts';

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
export interface AcceptedEvent extends Traced {
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
  readonly watch?: PlanningWatch | undefined;
}

/** A readable event, and where it was found. */
export interface ToPlan {
  readonly accepted: Pick<AcceptedEvent, 'region' | 'seq' | 'scope' | keyof Traced>;
  readonly event: EnvelopeHead;
  readonly data: Buffer;
  /** Only for a finished run, and empty when nothing is owed to a workflow: such an event never goes to a region's default endpoint. */
  readonly dispatches?: readonly DecidedTarget[] | undefined;
}

/** A plan, and why each of its deliveries goes there. */
interface Reasoned {
  readonly head: PlanHead;
  readonly because: readonly Because[];
}

/** What later events follow: a choice of this planner, not of circumstances. */
const CHOSEN: ReadonlySet<DeliveryRoute['because']> = new Set(['wanted', 'spillover', 'remembered']);
/** More than all events that can be under way at once. */
const MAX_UNCERTAIN = 20_000;

/** Appends the plans of events, one for each region that delivers, and the refusals. */
export class PlanAppender {
  readonly #ports: AppendPorts;
  /** Plans whose publish failed with an unknown outcome: repeated as they were, for another decision might plan a delivery twice. */
  readonly #uncertain = new Map<string, Reasoned>();
  readonly #withoutDefaults: RegionSettings;
  readonly #watch: PlanningWatch;

  constructor(ports: AppendPorts) {
    this.#ports = ports;
    this.#watch = ports.watch ?? NO_PLANNING_WATCH;
    this.#withoutDefaults = { ...ports.settings, withDefault: new Set() };
  }

  /**
   * Appends what is missing of an event's plans and notes each in `planned`. Deliveries that occur in a plan seen before are left out. Throws what `publish`
   * throws, and PayloadAway; called again, it goes on where it stopped.
   */
  async appendMissing(toPlan: ToPlan, planned: PlannedEvents): Promise<void> {
    const { seq } = toPlan.accepted;
    const repeated = await this.#repeatUncertain(toPlan, planned);
    const before = repeated === undefined ? [] : [repeated];
    if (planned.isWhole(seq)) return repeated && this.#tell(toPlan, before, 'planned');
    const all = await this.owed(toPlan);
    const seen = planned.partOf(seq);
    const owed = all.filter(({ delivery }) => seen?.deliveryIds.has(delivery.deliveryId) !== true);
    const parts = groupByRegion(owed);
    if (parts.length === 0 && seen === undefined) parts.push({ region: this.#ports.settings.own, deliveries: [], because: [] });
    const count = parts.length + (seen?.regions.length ?? 0);
    for (const part of parts) await this.#append(toPlan, { head: this.#headOf(toPlan, part, count), because: part.because }, planned);
    planned.noteWhole(seq);
    this.#tell(toPlan, [...before, ...parts], all.length === 0 ? 'unmatched' : 'planned');
  }

  /** Appends the fact that an event was set aside. Also the way of poison messages. */
  async refuse(
    accepted: ToPlan['accepted'],
    refused: Pick<EventRefused, 'verdict' | 'detail'> & { readonly about: AboutRefused; readonly correlationId?: string | undefined },
    planned: PlannedEvents,
  ): Promise<void> {
    const { settings, publish, nowMs } = this.#ports;
    const { region, seq, scope, trace } = accepted;
    const { about, verdict, detail, correlationId } = refused;
    const fact = { v: 1, ...about, verdict, detail, region, seq, at: new Date(nowMs()).toISOString() };
    const subject = subjects.fact(settings.own, scope, 'event.refused');
    await publish({ subject, body: JSON.stringify(fact), msgId: `refused:${region}:${seq}`, headers: traceHeaders(trace) });
    planned.noteWhole(seq);
    this.#watch.told({ accepted, about: { ...about, correlationId }, outcome: 'refused', reason: verdict, deliveries: 0, regions: [] });
  }

  /** The deliveries that an event is owed now, and where each goes. Throws PayloadAway. */
  async owed(toPlan: ToPlan): Promise<Owed[]> {
    const { accepted, event, data } = toPlan;
    const { eventId, correlationId } = event;
    const { holdBody, subscriptions } = this.#ports;
    const endpoints = subscriptions.endpointsOf(event.tenantId);
    const payload = await payloadForFilters(holdBody, { event, scope: accepted.scope, data, endpoints });
    const routes = this.#route(toPlan, payload);
    const owed = routes.map(({ region, endpointId, because }) => ({
      region,
      because,
      delivery: { deliveryId: deliveryIdOf(eventId, endpointId), endpointId },
    }));
    const dispatches = this.#routeDispatches(toPlan);
    this.#ports.explain?.({ eventId, correlationId, routes: [...routes, ...dispatches.map(({ route }) => route)] });
    return [...owed, ...dispatches.map(({ route: { region, because }, delivery }) => ({ region, because, delivery }))];
  }

  #routeDispatches({ accepted, dispatches = [] }: ToPlan): { route: DeliveryRoute; delivery: Owed['delivery'] }[] {
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

  /** Resolves with the plan that was uncertain. */
  async #repeatUncertain(toPlan: ToPlan, planned: PlannedEvents): Promise<PlanHead | undefined> {
    const uncertain = this.#uncertain.get(toPlan.event.eventId);
    if (uncertain === undefined) return undefined;
    const { head } = uncertain;
    this.#uncertain.delete(toPlan.event.eventId);
    const seen = planned.partOf(head.acceptedSeq)?.deliveryIds;
    // A lost connection has the own output read again, and then the outcome is known.
    const isStored = planned.isWhole(head.acceptedSeq) || head.deliveries.every(({ deliveryId }) => seen?.has(deliveryId) === true);
    if (isStored) this.#watch.planned(head.region, uncertain.because);
    else await this.#append(toPlan, uncertain, planned);
    return head;
  }

  async #append({ accepted, event, data }: ToPlan, plan: Reasoned, planned: PlannedEvents): Promise<void> {
    const { head, because } = plan;
    const { settings, publish } = this.#ports;
    const seen = planned.partOf(accepted.seq)?.regions.filter((region) => region === head.region).length ?? 0;
    // The stream would take a second plan for the same region for the first one.
    const msgId = `plan:${event.eventId}:${head.region}${seen === 0 ? '' : `:${seen + 1}`}`;
    try {
      const subject = subjects.plan(settings.own, accepted.scope, head.region);
      await publish({ subject, body: joinRawData(head, data), msgId, headers: traceHeaders(accepted.trace) });
    } catch (error) {
      if (this.#uncertain.size < MAX_UNCERTAIN) this.#uncertain.set(event.eventId, plan);
      throw error;
    }
    planned.notePlan(head);
    this.#watch.planned(head.region, because);
  }

  #tell({ accepted, event }: ToPlan, plans: readonly Pick<PlanHead, 'region' | 'deliveries'>[], outcome: PlanTold['outcome']): void {
    const deliveries = plans.reduce((sum, plan) => sum + plan.deliveries.length, 0);
    this.#watch.told({ accepted, about: event, outcome, deliveries, regions: plans.map(({ region }) => region) });
  }
}
