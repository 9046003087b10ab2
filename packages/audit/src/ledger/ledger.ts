import { type DeliveryId, timeOfId } from '@waybill/contracts';
import type { AcceptedFact, AuditFact, DecidedFact, PlannedFact, RefusedFact, StartedFact, TriedFact } from '../facts/audit-fact.ts';
import { DeliveriesLedger, type End } from './deliveries-ledger.ts';
import { EventsLedger } from './events-ledger.ts';
import type { Findings } from './findings.ts';
import { Fingerprints, shortDigest } from './fingerprints.ts';
import { RegionNumbers } from './region-numbers.ts';

export interface LedgerOptions {
  /** Events that were accepted, and deliveries that were planned by a job, in `[fromMs, toMs)`, ms since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How long an idempotency key counts, in ms. */
  readonly keyTtlMs: number;
}

/** What a region did. */
export interface RegionFigures {
  accepted: number;
  /** Deliveries that its planner named first. */
  planned: number;
  refused: number;
  attempts: number;
  delivered: number;
  dead_lettered: number;
  denied: number;
}

/** What the read models of a region show: all that is replicated (`g`), and its own. */
export interface Scoped {
  g: number;
  readonly l: Map<string, number>;
}

/**
 * Folds the facts of all regions into ends: every event planned or refused, every delivery ended, each once. Facts may come in any order; memory holds what is
 * open in full and 17-34 bytes for each event, delivery and key that is done with. Pure.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #findings: Findings;
  readonly #regions = new RegionNumbers();
  readonly events: EventsLedger;
  readonly deliveries: DeliveriesLedger;
  readonly figures = new Map<string, RegionFigures>();
  /** Deliveries, and events, that read models show. */
  readonly shown: Scoped = { g: 0, l: new Map() };
  readonly shownEvents: Scoped = { g: 0, l: new Map() };
  readonly #keys = new Fingerprints();
  readonly #started = new Fingerprints();
  /** Keys of dispatches that an operator asked for again, each with the key that it repeats. */
  readonly #repeats = new Map<string, string>();
  readonly #superseded = new Fingerprints();
  readonly #discarded = new Fingerprints();
  /** Unreadable events and plans that nobody set aside. */
  readonly #unreadable = new Set<string>();
  readonly #setAside = new Set<string>();

  constructor(options: LedgerOptions, findings: Findings) {
    this.#options = options;
    this.#findings = findings;
    this.events = new EventsLedger(findings, this.#regions);
    this.deliveries = new DeliveriesLedger(findings, this.#regions);
  }

  /** Memory of what is done with. */
  get bytes(): number {
    const tables = [this.events, this.deliveries, this.#keys, this.#started, this.#superseded, this.#discarded];
    return tables.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  note(fact: AuditFact): void {
    switch (fact.kind) {
      case 'accepted':
        return this.#accepted(fact);
      case 'planned':
        return this.#planned(fact);
      case 'refused':
        return this.#refused(fact);
      case 'tried':
        return this.#tried(fact);
      case 'decided':
        for (const id of fact.denied) if (this.isMeant(id)) this.#denied(id, fact);
        return;
      case 'started':
        return this.#start(fact);
      case 'discarded':
        for (const id of fact.ids) this.#discarded.set(id, 1);
        return;
      case 'unreadable':
        if (fact.storedMs >= this.#options.fromMs && fact.storedMs < this.#options.toMs) this.#unreadable.add(fact.id);
        return;
      // Who holds a delivery is of no account here.
      case 'claimed':
    }
  }

  /** Whether an event or a delivery belongs to the range. An id of another making says nothing about its time, so it only belongs to a range without a start. */
  isMeant(id: string): boolean {
    const { fromMs, toMs } = this.#options;
    const ms = timeOfId(id);
    return ms === undefined ? fromMs === 0 : ms >= fromMs && ms < toMs;
  }

  /** Whether a job made something in place of this dead letter. */
  isSuperseded(id: string): boolean {
    return this.#superseded.get(id) !== undefined;
  }

  isDiscarded(id: string): boolean {
    return this.#discarded.get(id) !== undefined;
  }

  /** Call when all facts were noted: adds what only the whole shows. */
  finish(): void {
    for (const id of this.#unreadable) if (!this.#setAside.has(id)) this.#findings.add('unreadable', id);
    for (const [key, repeated] of this.#repeats) {
      const [run, first] = [this.#started.get(key), this.#started.get(repeated)];
      if (run !== undefined && first !== undefined && run !== first) this.#findings.add('started_twice', `${repeated} ${key}`);
    }
  }

  #accepted(fact: AcceptedFact): void {
    const { eventId, by, key, storedMs } = fact;
    if (!this.isMeant(eventId) || !this.events.accepted(eventId, by, storedMs)) return;
    this.#figuresOf(by).accepted += 1;
    count(this.shownEvents, fact);
    if (key !== '') this.#key(key, { eventId, by, storedMs });
  }

  /** Keeps the region in the low 5 bits, above them when the key was last used, in seconds since 2026. */
  #key(key: string, { eventId, by, storedMs }: Pick<AcceptedFact, 'eventId' | 'by' | 'storedMs'>): void {
    const seconds = Math.max(0, Math.floor((storedMs - KEYS_SINCE_MS) / 1_000));
    const number = this.#regions.of(by);
    const known = this.#keys.get(key);
    if (known !== undefined && Math.abs(seconds - Math.floor(known / 32)) * 1_000 < this.#options.keyTtlMs)
      this.#findings.add(known % 32 === number ? 'same_key' : 'key_elsewhere_too', eventId);
    this.#keys.set(key, Math.max(known ?? 0, seconds * 32 + number));
  }

  #planned(fact: PlannedFact): void {
    const { eventId, replay, by } = fact;
    if (replay === undefined) {
      if (this.isMeant(eventId)) this.events.planned(fact);
    } else if (fact.deliveries.every(({ replayOf }) => replayOf === undefined)) {
      this.#superseded.set(eventId, 1);
    }
    for (const { deliveryId, replayOf, dispatch } of fact.deliveries) {
      if (replayOf !== undefined) this.#superseded.set(replayOf, 1);
      if (dispatch?.repeats !== undefined) this.#repeats.set(dispatch.key, dispatch.repeats);
      // A redriven event is planned under the ids that it would have had.
      if (!this.isMeant(deliveryId) || !this.deliveries.planned(deliveryId, fact)) continue;
      this.#figuresOf(by).planned += 1;
      count(this.shown, fact);
    }
  }

  #refused({ eventId, by, storedMs }: RefusedFact): void {
    if (eventId.includes('#')) this.#setAside.add(eventId);
    else if (this.isMeant(eventId)) {
      this.events.refused(eventId, by, storedMs);
      this.#figuresOf(by).refused += 1;
    }
  }

  #tried(fact: TriedFact): void {
    if (!this.isMeant(fact.deliveryId)) return;
    if (fact.attempt !== undefined) this.#figuresOf(fact.by).attempts += 1;
    this.#ended(fact.by, this.deliveries.tried(fact));
  }

  #denied(deliveryId: DeliveryId, fact: DecidedFact): void {
    const end = this.deliveries.denied(deliveryId, fact);
    if (end === undefined) return;
    this.#figuresOf(fact.by).planned += 1;
    count(this.shown, fact);
    this.#ended(fact.by, end);
  }

  #start({ key, runId, deliveryId }: StartedFact): void {
    if (!this.isMeant(deliveryId)) return;
    const run = runId === undefined ? 0 : shortDigest(runId);
    const known = this.#started.get(key) ?? 0;
    if (known !== 0 && run !== 0 && known !== run) this.#findings.add('started_twice', `${key} ${deliveryId}`);
    this.#started.set(key, known === 0 ? run : known);
  }

  #ended(by: string, end: End | undefined): void {
    if (end !== undefined) this.#figuresOf(by)[end] += 1;
  }

  #figuresOf(region: string): RegionFigures {
    const known = this.figures.get(region);
    if (known !== undefined) return known;
    const none: RegionFigures = { accepted: 0, planned: 0, refused: 0, attempts: 0, delivered: 0, dead_lettered: 0, denied: 0 };
    this.figures.set(region, none);
    return none;
  }
}

/** So that seconds and a region fit 32 bits until 2030. */
const KEYS_SINCE_MS = Date.UTC(2026, 0, 1);

function count(scoped: Scoped, { scope, by }: Pick<AuditFact, 'scope' | 'by'>): void {
  if (scope === 'g') scoped.g += 1;
  else scoped.l.set(by, (scoped.l.get(by) ?? 0) + 1);
}
