import type { PlannedFact } from '../facts/audit-fact.ts';
import type { Findings } from './findings.ts';
import { Fingerprints } from './fingerprints.ts';
import type { RegionNumbers } from './region-numbers.ts';

/** Of a region that planned or refused an event: how often, and how many plans it said there would be. */
interface Decided {
  readonly count: number;
  readonly parts: number;
}

/** Of the region that planned all of an event before another one did: whatever it adds is too much. */
const ALL_ALONE: Decided = { count: Number.POSITIVE_INFINITY, parts: 0 };

/** What is known of an event that is not whole yet. */
interface EventEntry {
  /** When it was accepted, or what there is of it was first stored, ms since 1970. */
  storedMs: number;
  acceptedIn: string | undefined;
  readonly decided: Map<string, Decided>;
  refused: boolean;
}

/** An event that is not whole: it lacks its plan, some of several plans, or itself. */
export interface OpenEvent {
  readonly eventId: string;
  readonly storedMs: number;
  readonly acceptedIn: string | undefined;
  readonly lacks: 'not_planned' | 'parts_missing' | 'not_accepted';
}

/** How an event that is whole is kept: who planned or refused it in bits 0-4, whether it was refused in 5. */
const REGION = 0b11111;
const REFUSED = 1 << 5;

/** Which events were planned or refused, each once. What is whole takes 17-34 bytes; the rest is kept in full. */
export class EventsLedger {
  readonly #findings: Findings;
  readonly #regions: RegionNumbers;
  readonly #open = new Map<string, EventEntry>();
  readonly #whole = new Fingerprints();
  /** All regions that planned or refused an event, by number, where they are several. */
  readonly #several = new Map<string, Map<number, Decided>>();

  constructor(findings: Findings, regions: RegionNumbers) {
    this.#findings = findings;
    this.#regions = regions;
  }

  get bytes(): number {
    return this.#whole.bytes;
  }

  /** True the first time. */
  accepted(eventId: string, acceptedIn: string, storedMs: number): boolean {
    const entry = this.#entryOf(eventId, storedMs);
    if (entry === undefined || entry.acceptedIn !== undefined) {
      this.#findings.add('accepted_twice', eventId);
      return false;
    }
    Object.assign(entry, { acceptedIn, storedMs });
    this.#closeIfWhole(eventId, entry);
    return true;
  }

  planned({ eventId, by, parts, storedMs }: Pick<PlannedFact, 'eventId' | 'by' | 'parts' | 'storedMs'>): void {
    this.#decided(eventId, { by, parts, storedMs, refused: false });
  }

  refused(eventId: string, by: string, storedMs: number): void {
    this.#decided(eventId, { by, parts: 1, storedMs, refused: true });
  }

  /** `refused`: set aside by the gate or as poison; `planned`; `open`: neither yet; undefined: never heard of. */
  stateOf(eventId: string): 'planned' | 'refused' | 'open' | undefined {
    const value = this.#whole.get(eventId);
    if (value !== undefined) return (value & REFUSED) === 0 ? 'planned' : 'refused';
    return this.#open.has(eventId) ? 'open' : undefined;
  }

  /** Whether a LOG has the event itself. */
  has(eventId: string): boolean {
    return this.#whole.get(eventId) !== undefined || this.#open.get(eventId)?.acceptedIn !== undefined;
  }

  *open(): Generator<OpenEvent> {
    for (const [eventId, { storedMs, acceptedIn, decided }] of this.#open) {
      const lacks = acceptedIn === undefined ? 'not_accepted' : decided.size === 0 ? 'not_planned' : 'parts_missing';
      yield { eventId, storedMs, acceptedIn, lacks };
    }
  }

  #decided(eventId: string, told: { by: string; parts: number; storedMs: number; refused: boolean }): void {
    const { by, parts, storedMs, refused } = told;
    const entry = this.#entryOf(eventId, storedMs);
    if (entry === undefined) return this.#decidedAgain(eventId, by, parts);
    entry.decided.set(by, oneMore(entry.decided.get(by), parts));
    entry.refused ||= refused;
    this.#closeIfWhole(eventId, entry);
  }

  /** A region that planned all of it alone has nothing to add; another one may plan it once, in as many parts as it says. */
  #decidedAgain(eventId: string, by: string, parts: number): void {
    const number = this.#regions.of(by);
    const whole = (this.#whole.get(eventId) ?? 0) & REGION;
    const all = this.#several.get(eventId) ?? new Map([[whole, ALL_ALONE]]);
    const known = all.get(number);
    const now = oneMore(known, parts);
    if (now.count > now.parts) this.#findings.add('planned_twice', eventId);
    else if (known === undefined) this.#findings.add('planned_elsewhere_too', eventId);
    if (number !== whole || all.size > 1) this.#several.set(eventId, all.set(number, now));
  }

  #entryOf(eventId: string, storedMs: number): EventEntry | undefined {
    const known = this.#open.get(eventId);
    if (known !== undefined || this.#whole.get(eventId) !== undefined) return known;
    const entry: EventEntry = { storedMs, acceptedIn: undefined, decided: new Map(), refused: false };
    this.#open.set(eventId, entry);
    return entry;
  }

  /** A region that stood in counts what the other one had planned among its own parts. */
  #closeIfWhole(eventId: string, { acceptedIn, decided, refused }: EventEntry): void {
    const told = [...decided.values()];
    const plans = told.reduce((sum, { count }) => sum + count, 0);
    if (acceptedIn === undefined || plans === 0 || (!refused && plans < Math.max(...told.map(({ parts }) => parts)))) return;
    for (const { count, parts } of told)
      for (let excess = count - parts; excess > 0; excess -= 1) this.#findings.add('planned_twice', eventId);
    const [first = ''] = decided.keys();
    this.#whole.set(eventId, this.#regions.of(first) | (refused ? REFUSED : 0));
    if (decided.size > 1) this.#several.set(eventId, new Map([...decided].map(([by, one]) => [this.#regions.of(by), one])));
    for (let others = decided.size - 1; others > 0; others -= 1) this.#findings.add('planned_elsewhere_too', eventId);
    this.#open.delete(eventId);
  }
}

const oneMore = (known: Decided | undefined, parts: number): Decided => ({
  count: (known?.count ?? 0) + 1,
  parts: Math.max(known?.parts ?? 0, parts),
});
