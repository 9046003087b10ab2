import { streamNames, timeOfId } from '@waybill/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Findings } from '../ledger/findings.ts';
import { Fingerprints } from '../ledger/fingerprints.ts';
import type { Ledger, Scoped } from '../ledger/ledger.ts';
import type { AuditedRegion } from '../walk/stretch.ts';
import { endsOf } from '../walk/stretch.ts';
import { type Get, readPages } from './pages.ts';

/** A region whose read models are compared. `get` asks its API. */
export interface ReadsOf {
  readonly region: AuditedRegion;
  readonly hasPeers: boolean;
  readonly get: Get;
}

/** What the read models of a region were compared by. */
export interface ReadsFigures {
  readonly region: string;
  readonly events: number;
  readonly deliveries: number;
  readonly deadLetters: number;
  /** Whether they had read all that the walk had; null: they do not say how far they are. */
  readonly caughtUp: boolean | null;
  /** Events and deliveries that the LOG has and they do not show; which ones is told by a second walk. */
  readonly lacking: number;
}

/** The figures, and the events and deliveries that are shown. */
export interface Reads {
  readonly figures: ReadsFigures;
  readonly shown: Fingerprints;
}

export interface CompareOptions {
  readonly ledger: Ledger;
  readonly findings: Findings;
  readonly fromMs: number;
  /** How long read models are waited for that are behind, in ms. */
  readonly patienceMs: number;
  /** Events and deliveries about which facts were stored since the walk: they are shown, and the ledger cannot know them. */
  readonly spokenOfSince: () => Promise<ReadonlySet<string>>;
}

/** Compares what a region's API shows of the range with the ledger, state by state. Rejects when the API cannot be asked. */
export async function compareReads(reads: ReadsOf, options: CompareOptions): Promise<Reads> {
  const caughtUp = await untilCaughtUp(reads, options.patienceMs);
  const comparison = new Comparison(reads.region.id, options);
  const [events, deliveries] = [await comparison.events(reads.get), await comparison.deliveries(reads.get)];
  const deadLetters = await comparison.deadLetters(reads.get);
  await comparison.addOnlyShown();
  const { shown, shownEvents } = options.ledger;
  const lackingOf = ({ g, l }: Scoped, known: number): number => Math.max(0, g + (l.get(reads.region.id) ?? 0) - known);
  const lacking = lackingOf(shown, comparison.known) + lackingOf(shownEvents, comparison.knownEvents);
  const figures = { region: reads.region.id, events, deliveries, deadLetters, caughtUp, lacking };
  return { figures, shown: comparison.shown };
}

const rowSchema = z.object({ id: z.string(), state: z.string() });
const deadLetterSchema = z.object({ id: z.string(), kind: z.enum(['delivery', 'event']), state: z.string().default('open') });

class Comparison {
  readonly #region: string;
  readonly #options: CompareOptions;
  readonly shown = new Fingerprints();
  readonly #onlyShown = new Map<string, 'event' | 'delivery'>();
  /** Deliveries, and events, that are shown and that the ledger has. */
  known = 0;
  knownEvents = 0;

  constructor(region: string, options: CompareOptions) {
    this.#region = region;
    this.#options = options;
  }

  events(get: Get): Promise<number> {
    const { ledger } = this.#options;
    return this.#each(get, '/v1/events', ({ id, state }) => {
      const known = ledger.events.stateOf(id);
      if (this.shown.get(id) !== undefined) return this.#differs(`event ${id}`, 'one event', 'two');
      this.shown.set(id, 1);
      if (known === undefined) return void this.#onlyShown.set(id, 'event');
      if (ledger.events.has(id)) this.knownEvents += 1;
      const isRight =
        known === 'open' || (known === 'refused') === (state === 'refused') || (known === 'refused' && ledger.isSuperseded(id));
      if (!isRight || (known === 'planned' && state === 'accepted')) this.#differs(`event ${id}`, known, state);
    });
  }

  deliveries(get: Get): Promise<number> {
    const { ledger } = this.#options;
    return this.#each(get, '/v1/deliveries', ({ id, state }) => {
      const known = ledger.deliveries.stateOf(id);
      if (this.shown.get(id) !== undefined) return this.#differs(`delivery ${id}`, 'one delivery', 'two');
      this.shown.set(id, 1);
      if (known === undefined) return void this.#onlyShown.set(id, 'delivery');
      this.known += 1;
      // What was open when the walk was there may have ended since; of several ends any may be shown.
      if (known === 'open' || known === 'several' || known === state) return;
      // It may have been redriven since.
      if (known === 'dead_lettered' && state === 'superseded') return;
      this.#differs(`delivery ${id}`, known, state);
    });
  }

  /** Call when all was read: live traffic goes on after the walk. */
  async addOnlyShown(): Promise<void> {
    if (this.#onlyShown.size === 0) return;
    const since = await this.#options.spokenOfSince();
    for (const [id, inWords] of this.#onlyShown) if (!since.has(id)) this.#add('only_shown', `${inWords} ${id}`);
  }

  async deadLetters(get: Get): Promise<number> {
    const { ledger } = this.#options;
    let count = 0;
    await readPages(get, '/v1/dead-letters', deadLetterSchema, ({ id, kind, state }) => {
      if (!ledger.isMeant(id)) return true;
      count += 1;
      if (state !== 'open') return true;
      const known = kind === 'event' ? ledger.events.stateOf(id) : ledger.deliveries.stateOf(id);
      const isDead = known === undefined || known === 'open' || ['refused', 'dead_lettered', 'denied', 'several'].includes(known);
      const isSettled = ledger.isDiscarded(id) || ledger.isSuperseded(id);
      if (!isDead || isSettled) this.#differs(`dead letter ${id}`, isSettled ? 'redriven or discarded' : (known ?? 'nothing'), state);
      return true;
    });
    return count;
  }

  /** Lists go by id, so by time, the newest first. */
  async #each(get: Get, path: string, visit: (row: z.infer<typeof rowSchema>) => void): Promise<number> {
    const { ledger, fromMs } = this.#options;
    let count = 0;
    await readPages(get, path, rowSchema, (row) => {
      if ((timeOfId(row.id) ?? fromMs) < fromMs) return false;
      if (!ledger.isMeant(row.id)) return true;
      count += 1;
      visit(row);
      return true;
    });
    return count;
  }

  #differs(what: string, known: string, state: string): void {
    this.#add('shown_differently', `${what}: ${known} in the LOG, ${state}`);
  }

  #add(kind: 'only_shown' | 'shown_differently', what: string): void {
    this.#options.findings.add(kind, `${what} in ${this.#region}`);
  }
}

const positionSchema = z.object({ log: z.object({ seq: z.number() }), peers: z.object({ seq: z.number() }).nullable() });
const AGAIN_MS = 250;

/** Waits until the read models have read to the present ends of their streams. Null when they do not say how far they are. */
async function untilCaughtUp({ region, hasPeers, get }: ReadsOf, patienceMs: number): Promise<boolean | null> {
  const { log, peers } = streamNames(region.id);
  const [inLog, inPeers] = await Promise.all([endsOf(region.bus, log), hasPeers ? endsOf(region.bus, peers) : undefined]);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    // Read models of an earlier version have no such route.
    const { data } = positionSchema.safeParse(await get('/v1/stats/position').catch(() => undefined));
    if (data === undefined) return null;
    if (data.log.seq >= inLog.lastSeq && (data.peers?.seq ?? 0) >= (inPeers?.lastSeq ?? 0)) return true;
    if (performance.now() > deadline) return false;
    await sleep(AGAIN_MS);
  }
}
