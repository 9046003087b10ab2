import { type Consequence, type DueDelivery, type JobId, streamNames, subjects } from '@waybill/contracts';
import { type Bus, type Incoming, scanStream } from '@waybill/transport';
import type { AuditFact, PlannedFact, TriedFact } from './facts/audit-fact.ts';
import { readAuditFact } from './facts/read-audit-fact.ts';
import { Fingerprints } from './ledger/fingerprints.ts';

/** A delivery that has a plan and no end: what a retry schedule needs to know of it. */
export interface OpenDelivery extends Pick<DueDelivery, 'deliveryId' | 'eventId' | 'tenantId' | 'endpointId' | 'scope' | 'plan'> {
  /** The region that must bring it to its end: the one that claimed it last, else the one that the plan names. */
  readonly heldBy: string;
  /** The region that wrote the plan, and when, ms since 1970. */
  readonly planner: string;
  readonly plannedMs: number;
  /** The region that accepted the event, and the event's sequence in the LOG there. */
  readonly event: { readonly region: string; readonly seq: number; readonly orderingKey: string | undefined };
  /** The job that made it. */
  readonly replay: JobId | undefined;
  /** It is a workflow dispatch, so it is looked for before it is made. */
  readonly isDispatch: boolean;
  /** The newest attempt of any region; undefined: none was made. */
  readonly last: { readonly attempt: number; readonly by: string; readonly at: string; readonly next: Consequence } | undefined;
}

export interface OpenDeliveriesOptions {
  readonly bus: Bus;
  /** The region whose LOG and PEERS are read. */
  readonly region: string;
  /** Whether it has PEERS. */
  readonly hasPeers: boolean;
}

const ENDS = ['delivery.attempted', 'delivery.refused'] as const;
const STILL_OPEN = ['delivery.attempted', 'takeover.claimed'] as const;

/**
 * The deliveries that a region's LOG and PEERS name in a plan and that have no end there, held by whichever region, in no order. Reads both streams three times
 * to their present ends; takes 17-34 bytes for each delivery that ended and about 1 KB for each open one. Throws when a stream cannot be read.
 */
export async function openDeliveriesIn(options: OpenDeliveriesOptions): Promise<OpenDelivery[]> {
  const ended = new Fingerprints();
  await scanBoth(options, ENDS, (fact) => {
    if (fact.kind === 'tried' && fact.next.kind !== 'retry') ended.set(fact.deliveryId, 1);
  });
  const open = new Map<string, Entry>();
  await scanBoth(options, ['plan.made'], (fact) => {
    if (fact.kind === 'planned') notePlan(open, fact, (id) => ended.get(id) !== undefined);
  });
  await scanBoth(options, STILL_OPEN, (fact) => {
    if (fact.kind === 'tried') noteAttempt(open, fact);
    if (fact.kind === 'claimed') for (const id of fact.deliveryIds) noteHold(open.get(id), { by: fact.by, atMs: fact.atMs });
  });
  // What ended meanwhile is not open any more.
  return [...open.values()].filter(({ last }) => last === undefined || last.next.kind === 'retry').map(openDelivery);
}

/** That a region took a delivery on itself. */
interface Hold {
  readonly by: string;
  readonly atMs: number;
}

interface Entry {
  plan: PlannedFact;
  of: PlannedFact['deliveries'][number];
  hold: Hold | undefined;
  last: TriedFact | undefined;
}

function notePlan(open: Map<string, Entry>, plan: PlannedFact, isEnded: (deliveryId: string) => boolean): void {
  for (const of of plan.deliveries) {
    if (isEnded(of.deliveryId)) continue;
    const entry = open.get(of.deliveryId) ?? { plan, of, hold: undefined, last: undefined };
    if (isNewer(plan, entry.plan)) Object.assign(entry, { plan, of });
    open.set(of.deliveryId, entry);
    // A region that plans for another one took the event over.
    if (plan.replay === undefined && plan.by !== plan.acceptedIn) noteHold(entry, { by: plan.deliverIn, atMs: plan.madeMs });
  }
}

const isNewer = (one: PlannedFact, other: PlannedFact): boolean =>
  one.madeMs === other.madeMs ? `${one.by} ${one.deliverIn}` > `${other.by} ${other.deliverIn}` : one.madeMs > other.madeMs;

/** The newer hold counts; of two at one time that of the region whose id sorts last, as the dispatchers have it. */
function noteHold(entry: Entry | undefined, hold: Hold): void {
  if (entry === undefined) return;
  const { hold: known } = entry;
  if (known === undefined || hold.atMs > known.atMs || (hold.atMs === known.atMs && hold.by > known.by)) entry.hold = hold;
}

function noteAttempt(open: ReadonlyMap<string, Entry>, fact: TriedFact): void {
  const entry = open.get(fact.deliveryId);
  if (entry !== undefined && (entry.last === undefined || isNewerAttempt(fact, entry.last))) entry.last = fact;
}

/** An end is an end; else the highest attempt counts, and the later retry of two equal ones. */
function isNewerAttempt(one: TriedFact, other: TriedFact): boolean {
  if (other.next.kind !== 'retry') return false;
  if (one.next.kind !== 'retry') return true;
  const [number = 0, known = 0] = [one.attempt, other.attempt];
  return number === known ? one.next.at > other.next.at : number > known;
}

function openDelivery({ plan, of, hold, last }: Entry): OpenDelivery {
  const { deliveryId, endpointId, dispatch } = of;
  return {
    deliveryId,
    eventId: plan.eventId,
    tenantId: plan.tenantId,
    endpointId,
    scope: plan.scope,
    plan: plan.position,
    heldBy: hold?.by ?? plan.deliverIn,
    planner: plan.by,
    plannedMs: plan.madeMs,
    event: { region: plan.acceptedIn, seq: plan.acceptedSeq, orderingKey: plan.orderingKey },
    replay: plan.replay,
    isDispatch: dispatch !== undefined,
    last: last && { attempt: last.attempt ?? 0, by: last.by, at: last.at, next: last.next },
  };
}

type DeliveryFactType = (typeof ENDS)[number] | (typeof STILL_OPEN)[number] | 'plan.made';

async function scanBoth(
  { bus, region, hasPeers }: OpenDeliveriesOptions,
  types: readonly DeliveryFactType[],
  visit: (fact: AuditFact) => void,
): Promise<void> {
  const { log, peers } = streamNames(region);
  const read = (message: Incoming): void => {
    const fact = readAuditFact(message);
    if (fact !== undefined) visit(fact);
  };
  await scanStream(bus, { stream: log, subjects: types.map((type) => subjects.factFilter(region, type)) }, read);
  if (hasPeers) await scanStream(bus, { stream: peers, subjects: types.map((type) => subjects.peerFacts(type)) }, read);
}
