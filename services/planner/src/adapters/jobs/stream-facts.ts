import {
  ACCEPTED_TYPES,
  HEADERS,
  type JobStretch,
  planHeadSchema,
  splitRawData,
  streamNames,
  subjects,
  timeOfId,
  WaybillError,
} from '@waybill/contracts';
import { type Bus, type Incoming, parseOrigin, scanStream } from '@waybill/transport';
import { z } from 'zod';
import type { KnownJob, Pausing } from '../../application/jobs/job-ledger.ts';
import type { FactKind, JobStreams, PlannedItem, StoredFact } from '../../application/jobs/job-streams.ts';

/** Messages that a page holds: with their bodies they are in memory at once. */
const PAGE = 200;
/** How many messages are looked at for one that is not at its place. */
const MOST_SEARCHED = 5_000;
/** The clocks of two servers may differ. */
const MARGIN_MS = 60_000;
/** How late something may be stored that belongs to a range: plans of a region that stood still, and copies, unless they show that they were later. */
const LATE_MS = 6 * 3_600_000;

export interface StreamFactsOptions {
  readonly bus: Bus;
  readonly region: string;
  /** All other regions; with any there is PEERS. */
  readonly others: readonly string[];
}

/** What the own LOG and PEERS hold, as jobs read it. */
export class StreamFacts implements JobStreams {
  readonly #options: StreamFactsOptions;
  readonly #streams: readonly string[];
  readonly #log: string;

  constructor(options: StreamFactsOptions) {
    const { log, peers } = streamNames(options.region);
    this.#options = options;
    this.#log = log;
    this.#streams = options.others.length > 0 ? [log, peers] : [log];
  }

  async page({ stream, toSeq }: JobStretch, afterSeq: number, kind: FactKind): Promise<readonly StoredFact[]> {
    const facts: StoredFact[] = [];
    const scan = { stream, subjects: this.#filters(stream, kind), fromSeq: afterSeq + 1, toSeq, most: PAGE };
    await asked(() => scanStream(this.#options.bus, scan, (message) => void facts.push(factOf(message))));
    return facts;
  }

  async read({ stream, seq }: { readonly stream: string; readonly seq: number }): Promise<StoredFact | undefined> {
    // A list may name a stream that this region does not have any more.
    if (!this.#streams.includes(stream)) return undefined;
    const { direct, streams } = this.#options.bus.jsm;
    // One replica may lag; the leader knows.
    const message = await asked(async () => (await direct.getMessage(stream, { seq })) ?? streams.getMessage(stream, { seq }));
    if (message === null) return undefined;
    const { subject, data: body, time, header } = message;
    const origin = parseOrigin(header.get('Nats-Stream-Source'));
    return { stream, seq, originSeq: origin?.seq ?? seq, subject, body, storedMs: time.getTime() };
  }

  async search(eventId: string, kind: FactKind, mark: string): Promise<StoredFact | undefined> {
    const fromMs = timeOfId(eventId);
    if (fromMs === undefined) return undefined;
    for (const stream of this.#streams) {
      const found = await asked(() => this.#searchIn(stream, kind, { fromTimeMs: fromMs - MARGIN_MS, mark }));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async stretches(kind: FactKind, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Promise<JobStretch[]> {
    const lateMs = (stream: string): number => (stream === this.#log && kind === 'accepted' ? MARGIN_MS : LATE_MS);
    const wanted = (stream: string): Stretch => ({ stream, kind, fromMs: fromMs - MARGIN_MS, toMs, lateMs: lateMs(stream) });
    return Promise.all(this.#streams.map((stream) => asked(() => this.#stretch(wanted(stream)))));
  }

  async created(stream: string): Promise<string | undefined> {
    return (await asked(() => this.#options.bus.jsm.streams.info(stream))).created;
  }

  async plannedSince({ job, countedTo, pausing }: KnownJob): Promise<PlannedItem[]> {
    const found: { itemId: string; seq: number }[] = [];
    const scan = { stream: this.#log, subjects: [subjects.factFilter(this.#options.region, 'plan.made')], headersOnly: true };
    for (const stretch of await asked(() => this.#uncounted(countedTo + 1, pausing))) {
      await asked(() =>
        scanStream(this.#options.bus, { ...scan, ...stretch }, (message) => {
          const itemId = itemOf(message.header(HEADERS.msgId), job.id);
          if (itemId !== undefined) found.push({ itemId, seq: message.seq });
        }),
      );
    }
    const planned: PlannedItem[] = [];
    for (const { itemId, seq } of found) {
      const plan = await this.read({ stream: this.#log, seq });
      // What was purged since then is nobody's any more.
      if (plan !== undefined) planned.push({ itemId, head: planHeadSchema.parse(splitRawData(plan.body).head) });
    }
    return planned;
  }

  /** A pause may have been long, and much was planned of other things. */
  async #uncounted(fromSeq: number, pausing: Pausing | undefined): Promise<{ fromSeq: number; toSeq?: number }[]> {
    if (pausing?.toSeq === undefined || pausing.toSeq < fromSeq) return [{ fromSeq }];
    const first = await this.#options.bus.jsm.direct.getMessage(this.#log, { start_time: new Date(pausing.sinceMs + MARGIN_MS) });
    const endSeq = Math.min(first?.seq ?? pausing.toSeq, pausing.toSeq);
    return [{ fromSeq, toSeq: endSeq - 1 }, { fromSeq: Math.max(fromSeq, pausing.toSeq) }];
  }

  async #searchIn(
    stream: string,
    kind: FactKind,
    { fromTimeMs, mark }: { readonly fromTimeMs: number; readonly mark: string },
  ): Promise<StoredFact | undefined> {
    const { bus } = this.#options;
    // The server refuses to begin beyond the end of an empty stream by time.
    if ((await bus.jsm.streams.info(stream)).state.messages === 0) return undefined;
    let found: StoredFact | undefined;
    const scan = { stream, subjects: this.#filters(stream, kind), fromTimeMs, most: MOST_SEARCHED };
    await scanStream(bus, scan, (message) => {
      if (found === undefined && bytes(message.body).includes(mark)) found = factOf(message);
    });
    return found;
  }

  async #stretch({ stream, kind, fromMs, toMs, lateMs }: Stretch): Promise<JobStretch> {
    const { created, state } = await this.#options.bus.jsm.streams.info(stream);
    const endSeq = state.last_seq + 1;
    const firstSince = async (ms: number): Promise<number> => {
      const first = await this.#options.bus.jsm.direct.getMessage(stream, { start_time: new Date(Math.max(0, ms)) });
      return first?.seq ?? endSeq;
    };
    const fromSeq = await firstSince(fromMs);
    let toSeq = await firstSince(toMs + lateMs);
    for (let late = lateMs * 2; toSeq < endSeq && (await this.#isStillLate(stream, kind, { fromSeq: toSeq, toMs })); late *= 2)
      toSeq = await firstSince(toMs + late);
    return { stream, created, fromSeq, toSeq: toSeq - 1 };
  }

  /** A region was cut off for long, or PEERS was made anew: what is copied next was written before `toMs`. Each region's copies keep its order. */
  async #isStillLate(
    stream: string,
    kind: FactKind,
    { fromSeq, toMs }: { readonly fromSeq: number; readonly toMs: number },
  ): Promise<boolean> {
    const { bus, others } = this.#options;
    if (stream === this.#log) return false;
    const type = kind === 'plans' ? 'plan.made' : 'event.accepted';
    const next = others.map((region) =>
      bus.jsm.direct.getMessage(stream, { seq: fromSeq, next_by_subj: subjects.factFilter(region, type) }),
    );
    return (await Promise.all(next)).some((message) => message !== null && writtenMs(message.data) < toMs);
  }

  #filters(stream: string, kind: FactKind): string[] {
    const types = kind === 'plans' ? (['plan.made'] as const) : ACCEPTED_TYPES;
    return types.map((type) => (stream === this.#log ? subjects.factFilter(this.#options.region, type) : subjects.peerFacts(type)));
  }
}

interface Stretch {
  readonly stream: string;
  readonly kind: FactKind;
  readonly fromMs: number;
  readonly toMs: number;
  readonly lateMs: number;
}

const writtenSchema = z.object({ at: z.iso.datetime() }).or(z.object({ eventId: z.string() }));

/** When a plan was made, or an event accepted, ms since 1970; what does not tell counts as new. */
function writtenMs(body: Uint8Array): number {
  try {
    const head = writtenSchema.parse(splitRawData(body).head);
    return 'at' in head ? Date.parse(head.at) : (timeOfId(head.eventId) ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

const bytes = (body: Uint8Array): Buffer => Buffer.from(body.buffer, body.byteOffset, body.byteLength);

function factOf({ stream, seq, origin, subject, body, timestampMs }: Incoming): StoredFact {
  return { stream, seq, originSeq: origin?.seq ?? seq, subject, body, storedMs: timestampMs };
}

/** See `replayMsgId`. */
function itemOf(msgId: string, jobId: string): string | undefined {
  const [job, itemId, n] = msgId.split(':').slice(-3);
  return job === jobId && n !== undefined ? itemId : undefined;
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new WaybillError('WB_NATS_AWAY', `a stream cannot be read: ${String(cause)}`, { cause });
  }
}
