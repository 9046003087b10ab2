import {
  deadDeliveryId,
  type DecidedTarget,
  type EndpointId,
  type EnvelopeHead,
  githubTenantId,
  type Job,
  type ListedItem,
  parseFactSubject,
  parseGithubEndpointId,
  type PlanHead,
  planHeadSchema,
  type RedriveSpec,
  repeatDispatch,
  replayDeliveryId,
  type ReplaySpec,
  splitRawData,
} from '@waybill/contracts';
import { chooseEndpoints } from '../../domain/choose-endpoints.ts';
import { type RegionSettings, routeTo } from '../../domain/choose-regions.ts';
import { type Decision, NOTHING, type OldEvent, skip, type Skipped } from '../../domain/jobs/decision.ts';
import { isWanted } from '../../domain/jobs/wanted-events.ts';
import type { Owed } from '../../domain/owed.ts';
import { routeDispatch } from '../../domain/runs/route-dispatch.ts';
import type { AppendPorts, PlanAppender, ToPlan } from '../append-plans.ts';
import { payloadForFilters } from '../payload-for-filters.ts';
import { type Reading, readAccepted } from '../read-accepted.ts';
import type { RunPlanner } from '../runs/plan-run.ts';
import type { JobStreams, StoredFact } from './job-streams.ts';

export interface DecidingPorts extends Pick<AppendPorts, 'schema' | 'subscriptions' | 'routing' | 'holdBody'> {
  readonly settings: RegionSettings;
  readonly appender: Pick<PlanAppender, 'owed'>;
  readonly runs: Pick<RunPlanner, 'targetsOf'>;
  readonly streams: Pick<JobStreams, 'read' | 'search'>;
  /** False while this region may not work. */
  readonly mayRun: () => boolean;
}

/** An item is decided to be counted, and again when it is planned. */
export type DecideStep = 'count' | 'plan';

type Readable = Extract<Reading, { kind: 'readable' }>;
interface Delivery {
  readonly deliveryId: Owed['delivery']['deliveryId'];
  readonly endpointId: EndpointId;
}

/** Decides what the items of jobs lead to, by the registry and the regions as they are now. Appends nothing. */
export class ItemDecider {
  readonly #ports: DecidingPorts;

  constructor(ports: DecidingPorts) {
    this.#ports = ports;
  }

  /** One dead letter. Rejects while NATS is away. */
  async redrive(job: Job, { dispatches }: RedriveSpec, item: ListedItem, step: DecideStep): Promise<Decision> {
    if (this.#isAnothers(item)) return skip('region_active');
    if (item.kind === 'event') return this.#redriveEvent(item, step);
    if (item.endpointId !== undefined && parseGithubEndpointId(item.endpointId) !== undefined)
      return dispatches ? this.#redriveDispatch(job, item) : skip('dispatch_needs_consent');
    const event = (await this.#planOf(item))?.event ?? (await this.#eventOf(item));
    if (event === undefined || item.endpointId === undefined) return skip('payload_lost');
    if ('reason' in event) return skip(event.reason);
    const deliveryId = replayDeliveryId(job.id, item.eventId, item.endpointId);
    const { owed, skipped } = this.#send(event, { deliveryId, endpointId: item.endpointId });
    const replayed = owed.map(({ region, delivery }) => ({ region, delivery: { ...delivery, replayOf: deadDeliveryId(item) } }));
    return { event, owed: replayed, skipped, isPlanned: false };
  }

  /** A region that is active redrives its own, and knows nothing of this job: one that came back meanwhile may have done so. */
  #isAnothers({ region }: ListedItem): boolean {
    const { settings, routing } = this.#ports;
    if (region === undefined || region === settings.own) return false;
    return (routing().states.get(region)?.state ?? 'active') === 'active';
  }

  /** A plan of a replay to the destinations of then. */
  plannedThen(job: Job, spec: ReplaySpec, fact: StoredFact): Decision {
    const read = readPlan(fact);
    // A newer version may write what this one cannot read.
    if (read === undefined) return skip('plan_unreadable');
    const { replay, event: about, acceptedSeq, deliveries } = read.plan;
    if (replay !== undefined || !isWanted(spec, about, fact.storedMs)) return NOTHING;
    const event: OldEvent = { about, acceptedSeq, scope: scopeOf(fact), data: read.data };
    const wanted = deliveries.filter(
      ({ endpointId, dispatch }) => dispatch === undefined && (spec.endpointId === undefined || endpointId === spec.endpointId),
    );
    const sent = wanted.map(({ endpointId }) =>
      this.#send(event, { deliveryId: replayDeliveryId(job.id, about.eventId, endpointId), endpointId }),
    );
    return { event, owed: sent.flatMap(({ owed }) => owed), skipped: sent.flatMap(({ skipped }) => skipped), isPlanned: false };
  }

  /** An accepted event of a replay to the destinations of now, or into one endpoint. */
  async wantedNow(job: Job, spec: ReplaySpec, fact: StoredFact): Promise<Decision> {
    const region = parseFactSubject(fact.subject)?.region ?? this.#ports.settings.own;
    const reading = readAccepted(fact.body, region, this.#ports.schema);
    if (reading.kind === 'refused') return NOTHING;
    const event = oldEvent(reading, fact, region);
    if (!isWanted(spec, event.about, fact.storedMs)) return NOTHING;
    const idOf = (endpointId: EndpointId): Delivery => ({
      deliveryId: replayDeliveryId(job.id, event.about.eventId, endpointId),
      endpointId,
    });
    if (spec.into !== undefined) return this.#into(event, reading.event, idOf(spec.into));
    const owed = (await this.#owedNow(reading.event, event))
      .filter(({ delivery }) => spec.endpointId === undefined || delivery.endpointId === spec.endpointId)
      .map((one) => ({ region: one.region, delivery: idOf(one.delivery.endpointId) }));
    return { event, owed, skipped: [], isPlanned: false };
  }

  async #into(event: OldEvent, head: EnvelopeHead, delivery: Delivery): Promise<Decision> {
    const { tenantId, onlyTo = delivery.endpointId } = head;
    const endpoint = this.#ports.subscriptions.endpointsOf(tenantId).find(({ id }) => id === delivery.endpointId);
    // Another tenant's event, as a rule.
    if (endpoint === undefined || onlyTo !== endpoint.id) return NOTHING;
    const { scope, data } = event;
    const payload = await payloadForFilters(this.#ports.holdBody, { event: head, scope, data, endpoints: [endpoint] });
    if (endpoint.disabled === undefined && chooseEndpoints(head, [endpoint], payload).length === 0) return NOTHING;
    return { event, isPlanned: false, ...this.#send(event, delivery) };
  }

  /** The event is gated and planned as if it had just come in; its deliveries have the ids that they would have had. */
  async #redriveEvent(item: ListedItem, step: DecideStep): Promise<Decision> {
    const fact = await this.#acceptedOf(item);
    if (fact === undefined) return skip('payload_lost');
    const region = parseFactSubject(fact.subject)?.region ?? this.#ports.settings.own;
    const reading = readAccepted(fact.body, region, this.#ports.schema);
    if (reading.kind === 'refused') return skip(reading.verdict);
    const event = oldEvent(reading, fact, region);
    const toPlan = { accepted: { region, seq: event.acceptedSeq, scope: event.scope }, event: reading.event, data: reading.data };
    const dispatches = parseFactSubject(fact.subject)?.type === 'run.completed' ? await this.#targetsOf(toPlan, step) : undefined;
    if (dispatches === 'unreadable') return skip('poison');
    return { event, owed: await this.#ports.appender.owed({ ...toPlan, dispatches }), skipped: [], isPlanned: true };
  }

  /** What a finished run leads to is asked of GitHub, and told, only when it is planned: until then it counts for nothing. */
  async #targetsOf(toPlan: ToPlan, step: DecideStep): Promise<readonly DecidedTarget[] | 'unreadable'> {
    if (step === 'count') return [];
    const targets = await this.#ports.runs.targetsOf(toPlan, this.#ports.mayRun);
    if (targets === undefined) return 'unreadable';
    if ('kind' in targets) throw new Error(targets.kind === 'again' ? targets.reason : 'a finished run has an end already');
    return targets;
  }

  async #redriveDispatch(job: Job, item: ListedItem): Promise<Decision> {
    const plan = await this.#planOf(item);
    const { dispatch, endpointId } = plan?.deliveries.find(({ deliveryId }) => deliveryId === item.id) ?? {};
    if (plan === undefined || dispatch === undefined || endpointId === undefined) return skip('payload_lost');
    const { settings, routing, subscriptions } = this.#ports;
    const { scope, about } = plan.event;
    const home = subscriptions.tenant(githubTenantId(dispatch.owner))?.placement?.home;
    const { region } = routeDispatch({ settings, view: routing(), acceptedIn: about.region, scope, home, target: dispatch });
    const delivery = { ...repeatDispatch(job.id, about.eventId, dispatch), endpointId, replayOf: deadDeliveryId(item) };
    return { event: plan.event, owed: [{ region, delivery }], skipped: [], isPlanned: false };
  }

  /** A delivery to an endpoint as it is now, or why there is none. */
  #send({ about, scope }: OldEvent, delivery: Delivery): { owed: Owed[]; skipped: Skipped[] } {
    const { settings, subscriptions, routing } = this.#ports;
    const { endpointId, deliveryId } = delivery;
    const not = (reason: string): { owed: Owed[]; skipped: Skipped[] } => ({ owed: [], skipped: [{ reason, deliveryId }] });
    const endpoint = subscriptions.endpointsOf(about.tenantId).find(({ id }) => id === endpointId);
    const ofDefault = [...settings.withDefault].find((region) => endpointId === `region.${region}`);
    if (endpoint === undefined && ofDefault === undefined) return not('endpoint_deleted');
    if (endpoint?.disabled !== undefined) return not('endpoint_disabled');
    const placement = subscriptions.tenant(about.tenantId)?.placement;
    const event = { acceptedIn: about.region, scope, correlationId: about.correlationId, placement };
    const { region } = routeTo({ settings, view: routing(), event }, endpointId, endpoint === undefined ? ofDefault : endpoint.region);
    return { owed: [{ region, delivery }], skipped: [] };
  }

  #owedNow(event: EnvelopeHead, { about, acceptedSeq, scope, data }: OldEvent): Promise<Owed[]> {
    return this.#ports.appender.owed({ accepted: { region: about.region, seq: acceptedSeq, scope }, event, data: Buffer.from(data) });
  }

  /** The plan that names a dead letter's delivery, with its event. */
  async #planOf({ id, eventId, plan }: ListedItem): Promise<{ event: OldEvent; deliveries: PlanHead['deliveries'] } | undefined> {
    const { streams } = this.#ports;
    const atPlace = plan && planWith(await streams.read(plan), id);
    return atPlace ?? (plan && planWith(await streams.search(eventId, 'plans', id), id));
  }

  async #eventOf(item: ListedItem): Promise<OldEvent | { reason: string } | undefined> {
    const fact = await this.#acceptedOf(item);
    if (fact === undefined) return undefined;
    const region = parseFactSubject(fact.subject)?.region ?? this.#ports.settings.own;
    const reading = readAccepted(fact.body, region, this.#ports.schema);
    return reading.kind === 'refused' ? { reason: reading.verdict } : oldEvent(reading, fact, region);
  }

  /** PEERS may have been made anew since the list was written: then something else is at the place, or nothing. */
  async #acceptedOf({ eventId, event }: ListedItem): Promise<StoredFact | undefined> {
    const fact = await this.#ports.streams.read(event);
    if (fact !== undefined && isAccepted(fact) && (eventId === '' || includes(fact.body, eventId))) return fact;
    return eventId === '' ? undefined : this.#ports.streams.search(eventId, 'accepted', eventId);
  }
}

const scopeOf = ({ subject }: StoredFact): OldEvent['scope'] => parseFactSubject(subject)?.scope ?? 'g';

const isAccepted = ({ subject }: StoredFact): boolean => {
  const type = parseFactSubject(subject)?.type;
  return type === 'event.accepted' || type === 'run.completed';
};

const includes = (body: Uint8Array, text: string): boolean => Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(text);

function oldEvent({ event, data }: Readable, fact: StoredFact, region: string): OldEvent {
  return { about: { ...event, region }, acceptedSeq: fact.originSeq, scope: scopeOf(fact), data };
}

function planWith(
  fact: StoredFact | undefined,
  deliveryId: string,
): { readonly event: OldEvent; readonly deliveries: PlanHead['deliveries'] } | undefined {
  const read = fact && parseFactSubject(fact.subject)?.type === 'plan.made' ? readPlan(fact) : undefined;
  if (fact === undefined || read?.plan.deliveries.some((delivery) => delivery.deliveryId === deliveryId) !== true) return undefined;
  const { event: about, acceptedSeq, deliveries } = read.plan;
  return { event: { about, acceptedSeq, scope: scopeOf(fact), data: read.data }, deliveries };
}

function readPlan({ body }: StoredFact): { readonly plan: PlanHead; readonly data: Buffer } | undefined {
  try {
    const { head, data } = splitRawData(body);
    return { plan: planHeadSchema.parse(head), data };
  } catch {
    return undefined;
  }
}
