import type { DispatchIntended, DispatchSettled, DispatchTarget } from '@waybill/contracts';

type Outcome = DispatchSettled['outcome'];
/** What ended a dispatch for good. */
export type DispatchEnd = Extract<Outcome, { kind: 'started' | 'failed' | 'denied' }>;

/** What is known of a dispatch. */
export interface KnownDispatch {
  readonly end?: DispatchEnd | undefined;
  /** A call may have gone out since then, ms since 1970, and what became of it is not known. */
  readonly openSinceMs?: number | undefined;
  /** When a call was intended first, ms since 1970. */
  readonly firstIntentMs?: number | undefined;
  /** Somebody has said that it is not known. */
  readonly isUnknown: boolean;
  /** Intents so far, of all regions. */
  readonly intents: number;
}

interface Intent {
  readonly region: string;
  readonly atMs: number;
  isOpen: boolean;
}

interface Entry {
  readonly place: string;
  readonly intents: Intent[];
  isUnknown: boolean;
  end: DispatchEnd | undefined;
  readonly runs: string[];
  /** Of the newest fact. */
  noteMs: number;
}

/** Everything that happened at one place. */
interface Place {
  /** Calls of which nothing is known. */
  readonly open: Map<string, number>;
  /** Started runs whose id GitHub did not name, and when the call was intended. */
  readonly nameless: Map<string, number>;
}

/** Facts older than this count no more; nothing that old is sent. */
export const HISTORY_MS = 7 * 24 * 3_600_000;
/** One entry takes about 400 bytes. */
const MAX_ENTRIES = 250_000;
/**
 * A call whose delivery was given up otherwise, and so is never settled, keeps the others of its place waiting no longer than this. Then only two unknown
 * outcomes at once could be taken for one another.
 */
const HOLD_MS = 3_600_000;
const NAMELESS_MS = 3_600_000;
const UNKNOWN: KnownDispatch = { isUnknown: false, intents: 0 };

/** Where dispatches can be taken for one another: the same workflow on the same branch or tag. */
export const placeOf = ({
  host,
  repositoryId,
  workflow,
  ref,
}: Pick<DispatchTarget, 'host' | 'repositoryId' | 'workflow' | 'ref'>): string =>
  `${host}/${repositoryId}/${workflow}@${ref.replace(/^refs\/(?:heads|tags)\//, '')}`;

/**
 * What is known of dispatches, by key. Facts may be noted in any order between regions, and again; one region's come in their order. An end stays, and that
 * a run was started counts more than any other. An intent is open until the same region says what became of it, or somebody ends the dispatch.
 */
export class DispatchIndex {
  readonly #entries = new Map<string, Entry>();
  readonly #places = new Map<string, Place>();
  readonly #runs = new Map<string, string>();
  readonly #maxEntries: number;
  #evictedMs = 0;

  constructor(maxEntries = MAX_ENTRIES) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Since when nothing is missing, ms since 1970. */
  completeSinceMs(nowMs: number): number {
    return Math.max(this.#evictedMs, nowMs - HISTORY_MS);
  }

  of(key: string): KnownDispatch {
    const entry = this.#entries.get(key);
    if (entry === undefined) return UNKNOWN;
    const { end, intents, isUnknown } = entry;
    const open = intents.filter(({ isOpen }) => isOpen).map(({ atMs }) => atMs);
    const known = { end, intents: intents.length, isUnknown };
    if (intents.length === 0) return known;
    const firstIntentMs = Math.min(...intents.map(({ atMs }) => atMs));
    return { ...known, firstIntentMs, ...(open.length === 0 ? {} : { openSinceMs: Math.min(...open) }) };
  }

  /** Since when (ms) another dispatch than `keys` keeps this place, the one that has for longest; undefined: none does. */
  heldSinceMs(place: string, keys: readonly string[], nowMs: number): number | undefined {
    let oldest: number | undefined;
    for (const [other, sinceMs] of this.#places.get(place)?.open ?? []) {
      if (!keys.includes(other) && sinceMs > nowMs - HOLD_MS) oldest = Math.min(oldest ?? sinceMs, sinceMs);
    }
    return oldest;
  }

  /** The dispatch that is known to have started this run. */
  startedBy(host: string, runId: string): string | undefined {
    return this.#runs.get(`${host}/${runId}`);
  }

  /** How many other dispatches than `key` started runs at this place since then whose ids are not known. */
  namelessSince(place: string, key: string, sinceMs: number): number {
    return [...(this.#places.get(place)?.nameless ?? [])].filter(([other, atMs]) => other !== key && atMs >= sinceMs).length;
  }

  noteIntended(fact: DispatchIntended): void {
    const { key, region, at } = fact;
    const atMs = Date.parse(at);
    if (this.#entries.get(key)?.intents.some((intent) => intent.region === region && intent.atMs === atMs) === true) return;
    const entry = this.#entryOf(key, placeOf(fact), atMs);
    entry.intents.push({ region, atMs, isOpen: entry.end === undefined });
    this.#tellPlace(key, entry);
  }

  noteSettled(fact: DispatchSettled): void {
    const { key, region, at, outcome, host } = fact;
    const atMs = Date.parse(at);
    const entry = this.#entryOf(key, placeOf(fact), atMs);
    switch (outcome.kind) {
      case 'unknown':
        entry.isUnknown = true;
        break;
      case 'released':
        for (const intent of entry.intents) if (intent.region === region && intent.atMs <= atMs) intent.isOpen = false;
        break;
      default:
        if (entry.end?.kind !== 'started') entry.end = outcome;
        for (const intent of entry.intents) intent.isOpen = false;
        if (outcome.kind === 'started' && outcome.runId !== undefined) this.#noteRun(`${host}/${outcome.runId}`, key, entry);
    }
    this.#tellPlace(key, entry);
  }

  #entryOf(key: string, place: string, noteMs: number): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.noteMs = Math.max(known.noteMs, noteMs);
      return known;
    }
    const made: Entry = { place, intents: [], isUnknown: false, end: undefined, runs: [], noteMs };
    this.#entries.set(key, made);
    this.#makeRoom(noteMs);
    return made;
  }

  #makeRoom(nowMs: number): void {
    for (const [key, entry] of this.#entries) {
      const isTooMuch = this.#entries.size > this.#maxEntries;
      if (!isTooMuch && entry.noteMs >= nowMs - HISTORY_MS) return;
      if (isTooMuch) this.#evictedMs = Math.max(this.#evictedMs, entry.noteMs);
      this.#forget(key, entry);
    }
  }

  #noteRun(run: string, key: string, { runs }: Entry): void {
    this.#runs.set(run, key);
    if (!runs.includes(run)) runs.push(run);
  }

  #forget(key: string, { place, runs }: Entry): void {
    this.#entries.delete(key);
    for (const run of runs) this.#runs.delete(run);
    for (const kept of [this.#places.get(place)?.open, this.#places.get(place)?.nameless]) kept?.delete(key);
    this.#dropIfEmpty(place);
  }

  #tellPlace(key: string, entry: Entry): void {
    const place = this.#places.get(entry.place) ?? { open: new Map<string, number>(), nameless: new Map<string, number>() };
    this.#places.set(entry.place, place);
    const first = entry.intents.find(({ isOpen }) => isOpen);
    if (first === undefined) place.open.delete(key);
    else place.open.set(key, first.atMs);
    for (const [other, atMs] of place.nameless) if (atMs < entry.noteMs - NAMELESS_MS) place.nameless.delete(other);
    if (entry.end?.kind === 'started' && entry.end.runId === undefined) place.nameless.set(key, entry.intents.at(-1)?.atMs ?? entry.noteMs);
    this.#dropIfEmpty(entry.place);
  }

  #dropIfEmpty(place: string): void {
    const kept = this.#places.get(place);
    if (kept !== undefined && kept.open.size === 0 && kept.nameless.size === 0) this.#places.delete(place);
  }
}
