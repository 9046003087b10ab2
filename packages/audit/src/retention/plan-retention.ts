import { streamNames, subjects } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import { endsOf, seqAt, type StreamEnds } from '../walk/stretch.ts';
import { walkStreams } from '../walk/walk-logs.ts';
import { Keep } from './keep.ts';
import { misplacedIn } from './misplaced.ts';
import { unfinishedJobs } from './unfinished-jobs.ts';

export interface RetentionOptions {
  /** As the region's operator. */
  readonly bus: Bus;
  readonly region: string;
  readonly hasPeers: boolean;
  /** How long facts are kept that have their end, a week at least, and open dead letters, in ms; infinite: for ever. */
  readonly keptMs: { readonly ended: number; readonly deadLetters: number };
  /** Newest messages of a stream that stay in any case: a projector's checkpoint lags by up to 100 beats behind what it acked. Default 1,000; at least 1. */
  readonly keepNewest?: number;
  readonly nowMs: number;
}

const KEEP_NEWEST = 1_000;
/** So far back dispatchers and planners read facts of workflow dispatches, to make none twice; whatever is wanted. */
const LEAST_KEPT_MS = 7 * 86_400_000 + 60_000;

/** Something that holds a stream back: it needs everything from `fromSeq` on. */
export interface HeldBy {
  readonly what: string;
  readonly fromSeq: number;
}

/** What may be removed from the front of a stream. */
export interface StreamRetention {
  readonly stream: string;
  readonly messages: number;
  readonly bytes: number;
  /** The oldest message, ms since 1970; undefined without any. */
  readonly firstMs: number | undefined;
  /** Where facts begin that are young enough to stay. */
  readonly wantedSeq: number;
  /** Everything before this may go: nothing in there is needed any more. Never beyond `wantedSeq`. */
  readonly keepFromSeq: number;
  /** Messages that may go, and what share of the bytes they are likely to take. */
  readonly removable: number;
  readonly removableBytes: number;
  /** What needs facts that are old enough to go, the one that needs the oldest first. */
  readonly heldBy: readonly HeldBy[];
}

/** Clocks of two regions may differ by so much. */
const MARGIN_MS = 60_000;

/**
 * Looks at what may be removed from a region's LOG and PEERS: facts older than wanted, up to the first that something still needs. That is an event or a delivery
 * without an end, an open dead letter within its stated time, a consumer that has not read it, a job that has not ended. Changes nothing. Throws when the region
 * cannot be asked.
 */
export async function planRetention(options: RetentionOptions): Promise<StreamRetention[]> {
  const { bus, region, hasPeers, keptMs, keepNewest = KEEP_NEWEST, nowMs } = options;
  const { log, peers } = streamNames(region);
  const names = hasPeers ? [log, peers] : [log];
  // Consumers only go on meanwhile, so what is known of them first is the safe side.
  const unread = new Map(await Promise.all(names.map(async (stream) => [stream, await unreadIn(bus, stream)] as const)));
  const wantedMs = nowMs - Math.max(LEAST_KEPT_MS, keptMs.ended);
  if (!Number.isFinite(wantedMs))
    return Promise.all(names.map(async (stream) => retentionOf(stream, await endsOf(bus, stream), { wantedSeq: 0, keepNewest, held: [] })));
  const keep = new Keep({ wantedMs, deadLettersSinceMs: nowMs - keptMs.deadLetters });
  const sources = [
    { bus, stream: log, subjects: subjects.logFilter(region) },
    { bus, stream: peers, subjects: ['wb.>'] },
  ];
  await walkStreams(sources.slice(0, names.length), (fact) => keep.note(fact));
  const needed = keep.events();
  const jobs = await unfinishedJobs(bus, region);
  const byTime = [...keep.holds(), ...jobs];
  return Promise.all(
    sources.slice(0, names.length).map(async (source) => {
      const { stream } = source;
      const held = await Promise.all(
        byTime.map(async ({ what, sinceMs }) => ({ what, fromSeq: await seqAt(bus, stream, sinceMs - MARGIN_MS) })),
      );
      const inJobs = jobs.flatMap(({ what, fromSeq }) =>
        [fromSeq.get(stream)].flatMap((seq) => (seq === undefined ? [] : [{ what, fromSeq: seq }])),
      );
      const wantedSeq = await seqAt(bus, stream, wantedMs);
      const guard = { wantedSeq, keepNewest, held: [...held, ...inJobs, ...(unread.get(stream) ?? [])] };
      const ends = await endsOf(bus, stream);
      const misplaced = await misplacedIn(source, retentionOf(stream, ends, guard), needed);
      return retentionOf(stream, ends, { ...guard, held: [...guard.held, ...misplaced] });
    }),
  );
}

/** Consumers that have something left to read, or to ack: services', and those that feed other regions' copies. */
async function unreadIn(bus: Bus, stream: string): Promise<HeldBy[]> {
  const held: HeldBy[] = [];
  for await (const { name, config, ack_floor: floor, num_pending: pending, num_ack_pending: unacked } of bus.jsm.consumers.list(stream)) {
    if (config.durable_name === undefined || pending + unacked === 0) continue;
    held.push({ what: `consumer ${name} has ${pending + unacked} facts to go`, fromSeq: floor.stream_seq + 1 });
  }
  return held;
}

interface Guard {
  readonly wantedSeq: number;
  readonly keepNewest: number;
  readonly held: readonly HeldBy[];
}

/** At least one message stays: a stream that was emptied looks like one that was made anew. */
function retentionOf(stream: string, ends: StreamEnds, { wantedSeq, keepNewest, held }: Guard): StreamRetention {
  const { firstSeq, lastSeq, messages, bytes, firstMs } = ends;
  const heldBy = held.filter(({ fromSeq }) => fromSeq < wantedSeq).toSorted((one, other) => one.fromSeq - other.fromSeq);
  const newest = lastSeq - Math.max(1, keepNewest) + 1;
  const keepFromSeq = Math.max(Math.min(firstSeq, lastSeq), Math.min(wantedSeq, newest, ...heldBy.map(({ fromSeq }) => fromSeq)));
  const removable = messages === 0 ? 0 : Math.max(0, keepFromSeq - firstSeq);
  const removableBytes = messages === 0 ? 0 : Math.round((bytes * removable) / messages);
  return {
    stream,
    messages,
    bytes,
    firstMs: messages === 0 ? undefined : firstMs,
    wantedSeq,
    keepFromSeq,
    removable,
    removableBytes,
    heldBy,
  };
}

/**
 * Removes what a plan says may go, as the region's provisioner; resolves with the messages that went. Done twice, the second time removes nothing. Nothing beyond
 * the plan's guard can be removed: it takes plans as they are.
 */
export async function applyRetention(bus: Bus, { stream, keepFromSeq, removable }: StreamRetention): Promise<number> {
  if (removable === 0) return 0;
  const { purged } = await bus.jsm.streams.purge(stream, { seq: keepFromSeq });
  return purged;
}
