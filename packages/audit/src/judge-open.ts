import type { OpenInLedger } from './ledger/deliveries-ledger.ts';
import type { OpenEvent } from './ledger/events-ledger.ts';
import type { Findings } from './ledger/findings.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Waiting } from './walk/waiting.ts';

export interface JudgeOptions {
  /** When the walk began, ms since 1970. What is younger than a minute may have been read in half. */
  readonly startedMs: number;
  /** Everything must have come to its end: what is under way is a violation too. */
  readonly settled: boolean;
}

const MARGIN_MS = 60_000;

/** Tells what is under way from what is lost: someone still has it to do, or nobody. */
export async function judgeOpen(ledger: Ledger, findings: Findings, waiting: Waiting, options: JudgeOptions): Promise<void> {
  for (const event of ledger.events.open()) {
    const isOpen = !options.settled && isEventUnderWay(event, waiting, options.startedMs);
    findings.add(isOpen ? 'event_open' : event.lacks, event.eventId);
  }
  for (const delivery of ledger.deliveries.open()) {
    const isOpen = !options.settled && (await isUnderWay(delivery, waiting, options.startedMs));
    findings.add(isOpen ? 'delivery_open' : delivery.plan === undefined ? 'unplanned' : 'without_end', delivery.deliveryId);
  }
}

function isEventUnderWay({ storedMs, acceptedIn }: OpenEvent, waiting: Waiting, startedMs: number): boolean {
  if (storedMs >= startedMs - MARGIN_MS) return true;
  return acceptedIn !== undefined && waiting.mayBePlanned(acceptedIn, storedMs);
}

async function isUnderWay({ deliveryId, plan, retryMs, storedMs }: OpenInLedger, waiting: Waiting, startedMs: number): Promise<boolean> {
  if (storedMs >= startedMs - MARGIN_MS) return true;
  if (plan === undefined) return false;
  if (retryMs !== undefined && retryMs >= startedMs - MARGIN_MS) return true;
  if (retryMs === undefined && waiting.mayBeTaken(plan)) return true;
  return waiting.isScheduled(deliveryId);
}
