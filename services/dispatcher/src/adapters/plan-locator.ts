import { streamNames, subjects } from '@waybill/contracts';
import { type Bus, scanStream } from '@waybill/transport';
import type { FindPlan } from '../application/retry-due.ts';
import { eventTimeMs } from '../domain/event-time.ts';

/** Where each plan is, as of one scan of everything since a time. */
interface Found {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly sequences: Promise<ReadonlyMap<string, number>>;
}

/** A copy is never stored before its event was accepted, but the clocks of two regions differ. */
const CLOCK_MARGIN_MS = 60_000;
/** After a rebuild every pending retry asks, so what one scan found serves those that follow. */
const KEEP_MS = 60_000;
/** Bounds the memory (about 100 MB); newer plans win, for theirs are the retries that still come. */
const MAX_KEPT = 500_000;

/**
 * Finds plans in `PEERS_<region>`, whose messages have other sequences after a rebuild. Reads headers only, of the plans for this region, from the
 * time on when the event was accepted. A LOG is never made anew: what is not in its place there is lost.
 */
export function planLocator(bus: Bus, region: string): FindPlan {
  const { peers } = streamNames(region);
  let found: Found | undefined;
  return async (stream, eventId) => {
    if (stream !== peers) return undefined;
    const fromMs = Math.max(0, (eventTimeMs(eventId) ?? 0) - CLOCK_MARGIN_MS);
    if (found === undefined || found.untilMs < Date.now() || found.fromMs > fromMs) {
      found = { fromMs, untilMs: Date.now() + KEEP_MS, sequences: scanPlans(bus, region, fromMs) };
      // A scan that failed must not stand for the answer.
      found.sequences.catch(() => (found = undefined));
    }
    return (await found.sequences).get(eventId);
  };
}

async function scanPlans(bus: Bus, region: string, fromTimeMs: number): Promise<ReadonlyMap<string, number>> {
  const sequences = new Map<string, number>();
  const options = { stream: streamNames(region).peers, subjects: [subjects.peerPlansFor(region)], fromTimeMs, headersOnly: true };
  await scanStream(bus, options, (message) => {
    sequences.set(eventIdOf(message.header('Nats-Msg-Id')), message.seq);
    const [oldest] = sequences.size > MAX_KEPT ? sequences.keys() : [];
    if (oldest !== undefined) sequences.delete(oldest);
  });
  return sequences;
}

/** The Msg-Id of a plan is `plan:<event id>:<region>`. */
const eventIdOf = (msgId: string): string => msgId.split(':')[1] ?? msgId;
