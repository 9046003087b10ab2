import { type EventSchema, HEADERS, parseFactSubject, type Scope } from '@waybill/contracts';
import type { Handled, Incoming } from '@waybill/transport';
import type { AcceptedEvent, PlanAppender, Subscriptions, ToPlan } from './append-plans.ts';
import { PayloadAway } from './payload-for-filters.ts';
import type { KeyTurns } from './key-turns.ts';
import type { PlannedEvents } from './planned-events.ts';
import { type Reading, readAccepted } from './read-accepted.ts';
import type { PlanningWatch, WhyAgain } from './planning-watch.ts';
import type { RunPlanner } from './runs/plan-run.ts';

/** The events of the own region that were planned or refused before, by whomever, as far as they can be handed out again. */
export interface PlannedBefore {
  /** Settles when what was written before a start or a lost connection is known again. */
  readonly loaded: Promise<void>;
  /** The same for finished runs, which may have waited for longer: what was planned and decided of them. */
  readonly runsLoaded: Promise<void>;
  readonly events: PlannedEvents;
}

export interface PlanEventPorts {
  readonly region: string;
  readonly schema: EventSchema;
  readonly subscriptions: Subscriptions;
  readonly plannedBefore: PlannedBefore;
  readonly appender: PlanAppender;
  readonly keyTurns: KeyTurns;
  readonly runs: Pick<RunPlanner, 'plan'>;
  readonly watch?: Pick<PlanningWatch, 'told'> | undefined;
  /** Whether this region may plan events of this scope now. Absent with a single region. */
  readonly mayPlan?: ((scope: Scope) => boolean) | undefined;
}

export type PlanOwnPorts = Omit<PlanEventPorts, 'keyTurns'>;
export type PlanEvent = (message: Incoming) => Promise<Handled>;

/** How long planning waits for the registry to catch up with what the ingress had seen. */
const REGISTRY_BUDGET_MS = 1_000;
const DONE: Handled = { kind: 'done' };

/** An accepted event as the own region's LOG hands it out. */
export function ownEvent(region: string, message: Incoming): AcceptedEvent {
  const { scope = 'g', type } = parseFactSubject(message.subject) ?? {};
  return {
    region,
    seq: message.seq,
    scope,
    type: type === 'run.completed' ? type : 'event.accepted',
    isFirstTry: message.deliveryCount === 1,
    trace: message.trace,
    body: message.body,
    header: (name) => message.header(name),
  };
}

/**
 * Plans one accepted event of the own region: gates its version, matches subscriptions, chooses regions, appends the plans or the refusal, and only then
 * says done. An event met again (crash between append and ack) is recognised by its sequence and not planned twice. Those with one ordering key are planned
 * in the order of the LOG.
 */
export function planEvent(ports: PlanEventPorts): PlanEvent {
  return (message) => {
    const accepted = ownEvent(ports.region, message);
    const reading = readAccepted(accepted.body, ports.region, ports.schema);
    const key = accepted.type === 'event.accepted' ? orderedKeyOf(reading) : undefined;
    const plan = (): Promise<Handled> => planUnlessPlanned(ports, accepted, reading);
    return key === undefined ? plan() : ports.keyTurns.inTurn(key, accepted.seq, plan);
  };
}

/** What an event has in common with those that must be planned before or after it; undefined: nothing. */
export function orderedKeyOf(reading: Reading): string | undefined {
  if (reading.kind !== 'readable' || reading.event.orderingKey === undefined) return undefined;
  return `${reading.event.tenantId} ${reading.event.orderingKey}`;
}

async function planUnlessPlanned(ports: PlanEventPorts, accepted: AcceptedEvent, reading: Reading): Promise<Handled> {
  const { plannedBefore } = ports;
  await (accepted.type === 'run.completed' ? plannedBefore.runsLoaded : plannedBefore.loaded);
  if (plannedBefore.events.isWhole(accepted.seq)) return DONE;
  if (ports.mayPlan?.(accepted.scope) === false) return { kind: 'again', delayMs: 1_000, reason: 'another region may be planning it' };
  return planRead(ports, accepted, reading);
}

/** Plans an event of the own region whose turn it is. It waits for no other one of its ordering key. */
export function planOwn(ports: PlanOwnPorts, accepted: AcceptedEvent): Promise<Handled> {
  return planRead(ports, accepted, readAccepted(accepted.body, ports.region, ports.schema));
}

async function planRead(ports: PlanOwnPorts, accepted: AcceptedEvent, reading: Reading): Promise<Handled> {
  const { region, subscriptions, plannedBefore, appender } = ports;
  if (reading.kind === 'refused') {
    await appender.refuse(accepted, reading, plannedBefore.events);
    return DONE;
  }
  const again = (why: WhyAgain, delayMs: number, reason: string): Handled => {
    ports.watch?.told({ accepted, about: reading.event, outcome: 'again', reason: why, deliveries: 0, regions: [] });
    return { kind: 'again', delayMs, reason };
  };
  const wanted = Number(accepted.header(HEADERS.registrySeen) || accepted.header(HEADERS.registryRevision)) || 0;
  if (!(await subscriptions.atLeast(region, wanted, REGISTRY_BUDGET_MS)))
    return again('registry_behind', 1_000, `the registry is behind revision ${wanted}`);
  const toPlan = { accepted, event: reading.event, data: reading.data };
  if (accepted.type === 'run.completed') {
    const handled = await planRun(ports, accepted, toPlan);
    return handled.kind === 'again' ? again('run_waits', handled.delayMs, handled.reason ?? '') : handled;
  }
  try {
    await appender.appendMissing(toPlan, plannedBefore.events);
  } catch (error) {
    if (error instanceof PayloadAway) return again('payload_away', 5_000, error.message);
    throw error;
  }
  return DONE;
}

function planRun({ plannedBefore, runs, mayPlan }: PlanOwnPorts, { scope, isFirstTry }: AcceptedEvent, toPlan: ToPlan): Promise<Handled> {
  return runs.plan(toPlan, { planned: plannedBefore.events, isFirstTry, mayAppend: () => mayPlan?.(scope) !== false });
}
