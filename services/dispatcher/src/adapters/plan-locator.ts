import { streamNames, subjects, WaybillError } from '@waybill/contracts';
import { type Bus, scanStream } from '@waybill/transport';
import type { FindPlan } from '../application/retry-due.ts';
import { newestBeatMs } from './newest-beat.ts';

/** Where the plans of each event were, as of one reading: the newest first. */
interface Reading {
  readonly sequences: ReadonlyMap<string, readonly number[]>;
  /** All that the other regions had written before this time had arrived, ms since 1970. */
  readonly completeToMs: number;
}

interface Begun {
  readonly fromMs: number;
  readonly atMs: number;
  readonly reading: Promise<Reading>;
}

/** A copy is never stored before its event was accepted, but the clocks of two regions differ. */
const CLOCK_MARGIN_MS = 60_000;
/** After a rebuild every pending retry asks, so what one reading found serves those that follow. */
const KEEP_MS = 60_000;
/** How soon a copy that is still being filled is read again. */
const AGAIN_MS = 2_000;
/** Bounds the memory (about 100 MB); newer plans win, for theirs are the retries that still come. */
const MAX_KEPT = 500_000;

/**
 * Finds plans in `PEERS_<region>`, whose messages have other sequences after a rebuild. Reads headers only, of the plans for all regions (what was taken
 * over from another one was planned for that), from the time on when the delivery can first have been planned. Any plan of an event holds its payload. Rejects with WB_NATS_AWAY while the copy is still being filled. A LOG is never made anew: what is not in its
 * place there is lost.
 */
export function planLocator(bus: Bus, region: string, peerRegions: readonly string[]): FindPlan {
  const { peers } = streamNames(region);
  let begun: Begun | undefined;
  const begin = (fromMs: number): Begun => {
    const made: Begun = { fromMs, atMs: Date.now(), reading: readPlans(bus, region, { peerRegions, fromMs }) };
    // A reading that failed must not stand for the answer.
    made.reading.catch(() => (begun = undefined));
    return made;
  };
  return async (stream, { eventId, madeSinceMs, knownSinceMs }) => {
    if (stream !== peers) return [];
    const fromMs = Math.max(0, madeSinceMs - CLOCK_MARGIN_MS);
    if (begun === undefined || Date.now() - begun.atMs > KEEP_MS || begun.fromMs > fromMs) begun = begin(fromMs);
    const { atMs, reading } = begun;
    const { sequences, completeToMs } = await reading;
    const found = sequences.get(eventId);
    if (found !== undefined || completeToMs >= knownSinceMs) return found ?? [];
    if (Date.now() - atMs > AGAIN_MS) begun = undefined;
    throw new WaybillError('WB_NATS_AWAY', `the plan of ${eventId} has not arrived in ${peers} yet`);
  };
}

async function readPlans(bus: Bus, region: string, what: { peerRegions: readonly string[]; fromMs: number }): Promise<Reading> {
  const { peerRegions, fromMs: fromTimeMs } = what;
  const beats = await Promise.all(peerRegions.map(async (peer) => (await newestBeatMs(bus, region, peer)) ?? 0));
  const sequences = new Map<string, readonly number[]>();
  const options = { stream: streamNames(region).peers, subjects: [subjects.peerFacts('plan.made')], fromTimeMs, headersOnly: true };
  await scanStream(bus, options, (message) => {
    const eventId = eventIdOf(message.header('Nats-Msg-Id'));
    sequences.set(eventId, [message.seq, ...(sequences.get(eventId) ?? [])]);
    const [oldest] = sequences.size > MAX_KEPT ? sequences.keys() : [];
    if (oldest !== undefined) sequences.delete(oldest);
  });
  return { sequences, completeToMs: Math.min(...beats) };
}

/** The Msg-Id of a plan begins with `plan:<event id>:<region>`. */
const eventIdOf = (msgId: string): string => msgId.split(':')[1] ?? msgId;
