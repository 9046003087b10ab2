import type { DispatchReportRow, DispatchRow, DispatchSweepRow, DispatchTargetRow } from './dispatch-rows.ts';
import type { EventProgressRow } from './event-progress.ts';
import type { DeadLetterGroupRow, InstructionRow, ManagementActionRow, ResolutionRow } from './recovery-rows.ts';
import type { IntakeMarkRow, SchemaCountRow } from './rollup-rows.ts';
import type { RollupChange } from './rollup-tally.ts';
import type { Intake } from './rollups.ts';
import type { AttemptRow, ClaimRow, DeadLetterRow, DeliveryRow, EventRow, ProblemRow, RegionChangeRow, TotalChange } from './rows.ts';

/** What attempts of one delivery are told apart and ordered by. */
export type AttemptMark = Pick<AttemptRow, 'number' | 'region' | 'at' | 'duration_ms'>;

/** The rows that a batch may touch, as the store holds them. `attempts` and `claims` are by delivery, `dispatches`, `targets` and `reports` by event. */
export interface Before {
  readonly events: ReadonlyMap<string, EventRow>;
  readonly deliveries: ReadonlyMap<string, DeliveryRow>;
  readonly attempts: ReadonlyMap<string, readonly AttemptMark[]>;
  readonly deadLetters: ReadonlyMap<string, DeadLetterRow>;
  readonly resolutions: ReadonlyMap<string, ResolutionRow>;
  readonly claims: ReadonlyMap<string, ClaimRow>;
  readonly dispatches: ReadonlyMap<string, DispatchRow>;
  readonly targets: ReadonlyMap<string, readonly DispatchTargetRow[]>;
  readonly reports: ReadonlyMap<string, DispatchReportRow>;
  readonly sweeps: ReadonlyMap<string, DispatchSweepRow>;
  readonly intakeMarks: ReadonlyMap<string, IntakeMarkRow>;
}

/** What a batch changes: each row once, in its final form. */
export interface Changes {
  readonly events: readonly EventRow[];
  /** Ids of those of the events that become known better: their rows are written anew, for columns change that otherwise never do. */
  readonly renewed: readonly string[];
  readonly deliveries: readonly DeliveryRow[];
  readonly attempts: readonly AttemptRow[];
  /** Ids of dead letters that are none any more, or are written anew. They are removed before `deadLetters` are written. */
  readonly revived: readonly string[];
  readonly deadLetters: readonly DeadLetterRow[];
  readonly groups: readonly DeadLetterGroupRow[];
  readonly resolutions: readonly ResolutionRow[];
  readonly instructions: readonly InstructionRow[];
  readonly actions: readonly ManagementActionRow[];
  readonly claims: readonly ClaimRow[];
  readonly regionChanges: readonly RegionChangeRow[];
  readonly dispatches: readonly DispatchRow[];
  readonly targets: readonly DispatchTargetRow[];
  readonly reports: readonly DispatchReportRow[];
  readonly sweeps: readonly DispatchSweepRow[];
  readonly intakeMarks: readonly IntakeMarkRow[];
  readonly progress: readonly EventProgressRow[];
  readonly totals: readonly TotalChange[];
  readonly rollups: readonly RollupChange[];
  readonly schemaCounts: readonly SchemaCountRow[];
  readonly problems: readonly ProblemRow[];
}

/** The rows while a batch is folded: what the store had, under what the batch made of it. */
export class WorkingSet {
  readonly #before: Before;
  readonly events = new Map<string, EventRow>();
  readonly deliveries = new Map<string, DeliveryRow>();
  readonly attempts: AttemptRow[] = [];
  readonly deadLetters = new Map<string, DeadLetterRow>();
  readonly revived = new Set<string>();
  readonly resolutions = new Map<string, ResolutionRow>();
  readonly instructions = new Map<string, InstructionRow>();
  readonly actions = new Map<string, ManagementActionRow>();
  readonly claims = new Map<string, ClaimRow>();
  readonly regionChanges = new Map<string, RegionChangeRow>();
  readonly problems = new Map<string, ProblemRow>();
  readonly dispatches = new Map<string, DispatchRow>();
  readonly reports = new Map<string, DispatchReportRow>();
  readonly sweeps = new Map<string, DispatchSweepRow>();
  readonly intakeMarks = new Map<string, IntakeMarkRow>();
  readonly intakes: Intake[] = [];
  /** By event, and there by delivery. */
  readonly #targets = new Map<string, Map<string, DispatchTargetRow>>();
  readonly #newAttempts = new Map<string, AttemptMark[]>();

  constructor(before: Before) {
    this.#before = before;
  }

  event(id: string): EventRow | undefined {
    return this.events.get(id) ?? this.#before.events.get(id);
  }
  delivery(id: string): DeliveryRow | undefined {
    return this.deliveries.get(id) ?? this.#before.deliveries.get(id);
  }
  deadLetter(id: string): DeadLetterRow | undefined {
    return this.deadLetters.get(id) ?? (this.revived.has(id) ? undefined : this.#before.deadLetters.get(id));
  }
  resolution(id: string): ResolutionRow | undefined {
    return this.resolutions.get(id) ?? this.#before.resolutions.get(id);
  }
  claim(deliveryId: string): ClaimRow | undefined {
    return this.claims.get(deliveryId) ?? this.#before.claims.get(deliveryId);
  }
  dispatch(eventId: string): DispatchRow | undefined {
    return this.dispatches.get(eventId) ?? this.#before.dispatches.get(eventId);
  }
  report(eventId: string): DispatchReportRow | undefined {
    return this.reports.get(eventId) ?? this.#before.reports.get(eventId);
  }
  sweep(region: string): DispatchSweepRow | undefined {
    return this.sweeps.get(region) ?? this.#before.sweeps.get(region);
  }
  intakeMark(region: string): IntakeMarkRow | undefined {
    return this.intakeMarks.get(region) ?? this.#before.intakeMarks.get(region);
  }
  target(eventId: string, deliveryId: string): DispatchTargetRow | undefined {
    const known = this.#targets.get(eventId)?.get(deliveryId);
    return known ?? this.#before.targets.get(eventId)?.find(({ delivery_id: id }) => id === deliveryId);
  }
  /** The targets of an event, the changed ones as they are now. */
  targetsOf(eventId: string): readonly DispatchTargetRow[] {
    const changed = this.#targets.get(eventId);
    const before = this.#before.targets.get(eventId) ?? [];
    if (changed === undefined) return before;
    return [...before.filter(({ delivery_id: id }) => !changed.has(id)), ...changed.values()];
  }
  changedTargets(): DispatchTargetRow[] {
    return [...this.#targets.values()].flatMap((rows) => [...rows.values()]);
  }
  setTarget(row: DispatchTargetRow): void {
    const changed = this.#targets.get(row.event_id);
    if (changed === undefined) this.#targets.set(row.event_id, new Map([[row.delivery_id, row]]));
    else changed.set(row.delivery_id, row);
  }
  setEvent(row: EventRow): void {
    this.events.set(row.id, row);
  }
  setDelivery(row: DeliveryRow): void {
    this.deliveries.set(row.id, row);
  }

  /** Keeps an attempt that is not known yet. False when it is. */
  addAttempt(row: AttemptRow): boolean {
    const isKnown = this.#attemptsOf(row.delivery_id).some(({ number, region }) => number === row.number && region === row.region);
    if (isKnown) return false;
    this.attempts.push(row);
    const ofDelivery = this.#newAttempts.get(row.delivery_id);
    if (ofDelivery === undefined) this.#newAttempts.set(row.delivery_id, [row]);
    else ofDelivery.push(row);
    return true;
  }
  /** Whether none of a delivery's other attempts comes after this one. */
  isNewestAttempt(row: AttemptRow, comesAfter: (left: AttemptMark, right: AttemptMark) => boolean): boolean {
    return !this.#attemptsOf(row.delivery_id).some((other) => comesAfter(other, row));
  }
  #attemptsOf(deliveryId: string): readonly AttemptMark[] {
    const before = this.#before.attempts.get(deliveryId);
    const added = this.#newAttempts.get(deliveryId);
    if (before === undefined || added === undefined) return before ?? added ?? [];
    return [...before, ...added];
  }

  /** Puts a dead letter in the place of the one with its id, if there is one. */
  bury(row: DeadLetterRow): void {
    if (this.#before.deadLetters.has(row.id)) this.revived.add(row.id);
    this.deadLetters.set(row.id, row);
  }
  /** Keeps a dead letter of which no more changes than how it was settled. */
  settle(row: DeadLetterRow): void {
    this.deadLetters.set(row.id, row);
  }
  revive(id: string): void {
    this.deadLetters.delete(id);
    this.revived.add(id);
  }
}
