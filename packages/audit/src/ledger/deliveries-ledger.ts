import type { DeliveryId } from '@waybill/contracts';
import type { DecidedFact, PlannedFact, TriedFact } from '../facts/audit-fact.ts';
import type { Findings } from './findings.ts';
import { Fingerprints, shortDigest } from './fingerprints.ts';
import { type RegionNumbers, SEVERAL } from './region-numbers.ts';

/** Ends that a delivery comes to, as read models name them. */
export const ENDS = ['delivered', 'dead_lettered', 'denied'] as const;
export type End = (typeof ENDS)[number];

/** A delivery without its end, or without its plan. */
export interface OpenInLedger {
  readonly deliveryId: DeliveryId;
  readonly eventId: string;
  /** Who made the newest plan, whom it gives the delivery to, and when, ms since 1970; undefined: no plan names it. */
  readonly plan: NewestPlan | undefined;
  /** When the first fact about it was stored, ms since 1970. */
  readonly storedMs: number;
}

export type NewestPlan = Pick<PlannedFact, 'by' | 'deliverIn' | 'madeMs'>;

interface Ended {
  readonly end: End;
  /** Number of the region. */
  readonly by: number;
  /** Of the fact: the same one stored twice is no second end. */
  readonly digest: number;
}

interface Entry {
  readonly deliveryId: DeliveryId;
  readonly eventId: string;
  readonly storedMs: number;
  plan: NewestPlan | undefined;
  readonly planners: string[];
  readonly ends: Ended[];
}

/** How a closed delivery is kept: the end in bits 0-1, who ended it in 2-6, who planned it in 7-11, a digest of the end in 12-31. */
const kept = { end: 0b11, by: 2, planner: 7, digest: 12 } as const;

/** Which deliveries were planned and ended, each once. What is over takes 17-34 bytes; the rest is kept in full, about 600 bytes. Facts come in any order. */
export class DeliveriesLedger {
  readonly #findings: Findings;
  readonly #regions: RegionNumbers;
  readonly #open = new Map<string, Entry>();
  readonly #over = new Fingerprints();
  /** All ends of those that came to another one than the first. */
  readonly #several = new Map<string, Ended[]>();

  constructor(findings: Findings, regions: RegionNumbers) {
    this.#findings = findings;
    this.#regions = regions;
  }

  get bytes(): number {
    return this.#over.bytes;
  }

  /** True the first time that a plan names it. */
  planned(deliveryId: DeliveryId, plan: Pick<PlannedFact, 'eventId' | 'by' | 'deliverIn' | 'madeMs' | 'storedMs'>): boolean {
    const { by, deliverIn, madeMs } = plan;
    const entry = this.#entryOf(deliveryId, plan);
    if (entry === undefined) {
      this.#plannedAgain(deliveryId, by);
      return false;
    }
    const isFirst = entry.planners.length === 0;
    if (entry.planners.includes(by)) this.#findings.add('delivery_planned_twice', deliveryId);
    else entry.planners.push(by);
    if (entry.plan === undefined || madeMs > entry.plan.madeMs) entry.plan = { by, deliverIn, madeMs };
    this.#closeIfOver(deliveryId, entry);
    return isFirst;
  }

  /** Notes what followed from a try. Returns the end when it is the delivery's first. */
  tried(fact: TriedFact): End | undefined {
    const { deliveryId, next, attempt = 0 } = fact;
    if (next.kind !== 'retry')
      return this.#ended(deliveryId, fact, {
        end: next.kind,
        by: this.#regions.of(fact.by),
        digest: digestOf(`${next.kind} ${attempt} ${fact.at}`),
      });
    this.#entryOf(deliveryId, fact);
    return undefined;
  }

  /** A target that was denied when its run was decided is planned and ended at once. Returns the end when it is the first. */
  denied(deliveryId: DeliveryId, fact: DecidedFact): End | undefined {
    const { by, storedMs } = fact;
    this.planned(deliveryId, { ...fact, deliverIn: by, madeMs: storedMs });
    return this.#ended(deliveryId, fact, { end: 'denied', by: this.#regions.of(by), digest: digestOf(`decided ${fact.position.seq}`) });
  }

  /** Undefined: never heard of; `several`: it came to more than one end. */
  stateOf(deliveryId: string): End | 'open' | 'several' | undefined {
    const value = this.#over.get(deliveryId);
    if (value === undefined) return this.#open.has(deliveryId) ? 'open' : undefined;
    return this.#several.has(deliveryId) ? 'several' : ENDS[value & kept.end];
  }

  *open(): Generator<OpenInLedger> {
    for (const { deliveryId, eventId, storedMs, plan } of this.#open.values()) yield { deliveryId, eventId, plan, storedMs };
  }

  #ended(deliveryId: DeliveryId, of: Pick<Entry, 'eventId' | 'storedMs'>, ended: Ended): End | undefined {
    const entry = this.#entryOf(deliveryId, of);
    if (entry === undefined) {
      this.#endedAgain(deliveryId, ended);
      return undefined;
    }
    entry.ends.push(ended);
    this.#closeIfOver(deliveryId, entry);
    return entry.ends.length === 1 ? ended.end : undefined;
  }

  #entryOf(deliveryId: DeliveryId, { eventId, storedMs }: Pick<Entry, 'eventId' | 'storedMs'>): Entry | undefined {
    const known = this.#open.get(deliveryId);
    if (known !== undefined || this.#over.get(deliveryId) !== undefined) return known;
    const entry: Entry = { deliveryId, eventId, storedMs, plan: undefined, planners: [], ends: [] };
    this.#open.set(deliveryId, entry);
    return entry;
  }

  #plannedAgain(deliveryId: DeliveryId, by: string): void {
    const value = this.#over.get(deliveryId) ?? 0;
    if (((value >>> kept.planner) & SEVERAL) === this.#regions.of(by)) this.#findings.add('delivery_planned_twice', deliveryId);
    else this.#over.set(deliveryId, (value | (SEVERAL << kept.planner)) >>> 0);
  }

  #endedAgain(deliveryId: DeliveryId, again: Ended): void {
    const known = this.#several.get(deliveryId) ?? [endIn(this.#over.get(deliveryId) ?? 0)];
    const ofRegion = known.filter(({ by }) => by === again.by);
    if (ofRegion.some(({ digest }) => digest === again.digest)) return this.#findings.add('stored_again', deliveryId);
    this.#findings.add(ofRegion.length > 0 ? 'ended_twice' : 'ended_elsewhere_too', deliveryId);
    this.#several.set(deliveryId, [...known, again]);
  }

  #closeIfOver(deliveryId: DeliveryId, { planners, ends }: Entry): void {
    const [first, ...more] = ends;
    if (first === undefined || planners.length === 0) return;
    const [planner = ''] = planners;
    const plannedBy = planners.length > 1 ? SEVERAL : this.#regions.of(planner);
    const value = ENDS.indexOf(first.end) | (first.by << kept.by) | (plannedBy << kept.planner);
    this.#over.set(deliveryId, (value | (first.digest << kept.digest)) >>> 0);
    this.#open.delete(deliveryId);
    for (const ended of more) this.#endedAgain(deliveryId, ended);
  }
}

const endIn = (value: number): Ended => ({
  end: ENDS[value & kept.end] ?? 'delivered',
  by: (value >>> kept.by) & SEVERAL,
  digest: value >>> kept.digest,
});

/** As many bits as are left for it. */
const digestOf = (text: string): number => shortDigest(text) >>> kept.digest;
