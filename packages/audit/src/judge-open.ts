import type { OpenInLedger } from './ledger/deliveries-ledger.ts';
import type { OpenEvent } from './ledger/events-ledger.ts';
import type { FindingKind, Findings } from './ledger/findings.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Waiting } from './walk/waiting.ts';

export interface Judging {
  readonly ledger: Ledger;
  readonly findings: Findings;
  readonly waiting: Waiting;
  /** When the walk began, ms since 1970. What is younger than a minute may have been read in half. */
  readonly startedMs: number;
  /** Everything must have come to its end: what is under way is a violation too. */
  readonly settled: boolean;
  /** Events and deliveries about which facts were stored since the walk: someone works on them. */
  readonly spokenOfSince: () => Promise<ReadonlySet<string>>;
}

const MARGIN_MS = 60_000;
/** Schedules that are asked for at a time. */
const AT_A_TIME = 64;

/** What has no end, what that is called when nobody has it to do any more, and when someone has. */
interface Suspect {
  readonly id: string;
  readonly lacks: FindingKind;
  readonly open: FindingKind;
}

/** Tells what is under way from what is lost: someone still has it to do, or nobody. */
export async function judgeOpen({ ledger, findings, ...judging }: Judging): Promise<void> {
  const { waiting, settled, startedMs, spokenOfSince } = judging;
  const events = [...ledger.events.open()].map((event) => ({ event, id: event.eventId, lacks: event.lacks, open: 'event_open' as const }));
  const deliveries = [...ledger.deliveries.open()].map((delivery) => suspected(delivery));
  const note = (suspects: readonly Suspect[], isOpen: (one: Suspect) => boolean): void => {
    for (const one of suspects) findings.add(isOpen(one) ? one.open : one.lacks, one.id);
  };
  if (settled) return note([...events, ...deliveries], () => false);
  const lost: Suspect[] = events.filter(({ event }) => !isEventUnderWay(event, waiting, startedMs));
  const unscheduled = await withoutSchedule(deliveries, waiting, startedMs);
  // In this order nothing slips through while it is worked off: a schedule fires, what fired is acked, and a fact is stored before that.
  const due = unscheduled.length === 0 ? new Set<string>() : await waiting.due();
  lost.push(...(due === 'many' ? [] : unscheduled.filter(({ id }) => !due.has(id))));
  const goesOn = lost.length === 0 ? new Set<string>() : await spokenOfSince();
  const isLost = new Set(lost.filter(({ id }) => !goesOn.has(id)).map(({ id }) => id));
  note([...events, ...deliveries], ({ id }) => !isLost.has(id));
}

interface SuspectedDelivery extends Suspect {
  readonly delivery: OpenInLedger;
}

const suspected = (delivery: OpenInLedger): SuspectedDelivery => ({
  delivery,
  id: delivery.deliveryId,
  lacks: delivery.plan === undefined ? 'unplanned' : 'without_end',
  open: 'delivery_open',
});

function isEventUnderWay({ storedMs, acceptedIn }: OpenEvent, waiting: Waiting, startedMs: number): boolean {
  if (storedMs >= startedMs - MARGIN_MS) return true;
  return acceptedIn !== undefined && waiting.mayBePlanned(acceptedIn, storedMs);
}

/** A promise to try again is worth nothing without a schedule, or a plan that is not acked yet. */
async function withoutSchedule(all: readonly SuspectedDelivery[], waiting: Waiting, startedMs: number): Promise<SuspectedDelivery[]> {
  const found: SuspectedDelivery[] = [];
  const asked = all.filter(({ delivery: { plan, storedMs } }) => {
    if (storedMs >= startedMs - MARGIN_MS) return false;
    return plan === undefined || !waiting.mayBeTaken(plan);
  });
  for (let start = 0; start < asked.length; start += AT_A_TIME) {
    const some = asked.slice(start, start + AT_A_TIME);
    const have = await Promise.all(
      some.map(async ({ delivery }) => delivery.plan !== undefined && (await waiting.hasSchedule(delivery.deliveryId))),
    );
    found.push(...some.filter((_, index) => have[index] !== true));
  }
  return found;
}
