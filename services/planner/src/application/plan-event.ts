import { type EventSchema, HEADERS, parseFactSubject, type Scope } from '@waybill/contracts';
import type { Handled, Incoming } from '@waybill/transport';
import type { AcceptedEvent, PlanAppender, Subscriptions } from './append-plans.ts';
import { PayloadAway } from './filter-data.ts';
import type { PlannedEvents } from './planned-events.ts';
import { readAccepted } from './read-accepted.ts';
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
  readonly runs: Pick<RunPlanner, 'plan'>;
  /** Whether this region may plan events of this scope now. Absent with a single region. */
  readonly mayPlan?: ((scope: Scope) => boolean) | undefined;
}

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
    body: message.body,
    header: (name) => message.header(name),
  };
}

/**
 * Plans one accepted event of the own region: gates its version, matches subscriptions, chooses regions, appends the plans or the refusal, and only then
 * says done. An event met again (crash between append and ack) is recognised by its sequence and not planned twice.
 */
export function planEvent(ports: PlanEventPorts): PlanEvent {
  return async (message) => {
    const accepted = ownEvent(ports.region, message);
    const { plannedBefore } = ports;
    await (accepted.type === 'run.completed' ? plannedBefore.runsLoaded : plannedBefore.loaded);
    if (plannedBefore.events.isWhole(message.seq)) return DONE;
    if (ports.mayPlan?.(accepted.scope) === false) return { kind: 'again', delayMs: 1_000, reason: 'another region may be planning it' };
    return planOwn(ports, accepted);
  };
}

/** Plans an event of the own region whose turn it is. */
export async function planOwn(ports: PlanEventPorts, accepted: AcceptedEvent): Promise<Handled> {
  const { region, schema, subscriptions, plannedBefore, appender, runs, mayPlan } = ports;
  const reading = readAccepted(accepted.body, region, schema);
  if (reading.kind === 'refused') {
    await appender.refuse(accepted, reading, plannedBefore.events);
    return DONE;
  }
  const wanted = Number(accepted.header(HEADERS.registrySeen) || accepted.header(HEADERS.registryRevision)) || 0;
  if (!(await subscriptions.atLeast(region, wanted, REGISTRY_BUDGET_MS))) {
    return { kind: 'again', delayMs: 1_000, reason: `the registry is behind revision ${wanted}` };
  }
  const toPlan = { accepted, event: reading.event, data: reading.data };
  const planned = plannedBefore.events;
  if (accepted.type === 'run.completed')
    return runs.plan(toPlan, { planned, isFirstTry: accepted.isFirstTry, mayAppend: () => mayPlan?.(accepted.scope) !== false });
  try {
    await appender.appendMissing(toPlan, planned);
  } catch (error) {
    if (error instanceof PayloadAway) return { kind: 'again', delayMs: 5_000, reason: error.message };
    throw error;
  }
  return DONE;
}
