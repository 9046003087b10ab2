import { localColumnsOf } from '../domain/comparable.ts';
import type { DispatchReportRow, DispatchRow, DispatchSweepRow, DispatchTargetRow } from '../domain/dispatch-rows.ts';
import type { EventProgressRow } from '../domain/event-progress.ts';
import type { Fact } from '../domain/fact.ts';
import { fold } from '../domain/fold.ts';
import { isEmptyRollup, mergedRollup } from '../domain/rollup-merge.ts';
import type { IntakeMarkRow, RollupRow, SchemaCountRow } from '../domain/rollup-rows.ts';
import type { DeadLetterGroupRow, InstructionRow, ManagementActionRow, ResolutionRow } from '../domain/recovery-rows.ts';
import type { AttemptRow, ClaimRow, DeadLetterRow, DeliveryRow, EventRow, ProblemRow, RegionChangeRow } from '../domain/rows.ts';
import { linesOf } from './empty-store.ts';
import type { Changes } from '../domain/working-set.ts';

/** Rows kept in memory, changed only by what `fold` says. */
export class MemoryRows {
  readonly events = new Map<string, EventRow>();
  readonly deliveries = new Map<string, DeliveryRow>();
  readonly progress = new Map<string, EventProgressRow>();
  readonly attempts = new Map<string, AttemptRow>();
  readonly deadLetters = new Map<string, DeadLetterRow>();
  readonly resolutions = new Map<string, ResolutionRow>();
  /** Open dead letters by group. */
  readonly groups = new Map<string, number>();
  readonly instructions = new Map<string, InstructionRow>();
  readonly actions = new Map<string, ManagementActionRow>();
  readonly claims = new Map<string, ClaimRow>();
  readonly regionChanges = new Map<string, RegionChangeRow>();
  readonly totals = new Map<string, number>();
  readonly problems = new Map<string, ProblemRow>();
  readonly dispatches = new Map<string, DispatchRow>();
  readonly targets = new Map<string, DispatchTargetRow>();
  readonly reports = new Map<string, DispatchReportRow>();
  readonly sweeps = new Map<string, DispatchSweepRow>();
  readonly intakeMarks = new Map<string, IntakeMarkRow>();
  readonly rollups = new Map<string, RollupRow>();
  readonly schemaCounts = new Map<string, SchemaCountRow>();

  apply(facts: readonly Fact[]): void {
    const { events, deliveries, deadLetters, resolutions, claims, dispatches, reports, sweeps, intakeMarks } = this;
    const targets = Map.groupBy(this.targets.values(), ({ event_id: id }) => id);
    const attempts = Map.groupBy(this.attempts.values(), ({ delivery_id: id }) => id);
    const known = { events, deliveries, attempts, deadLetters, resolutions, claims, dispatches, targets, reports, sweeps, intakeMarks };
    const changes = fold(known, facts);
    keepAll(this.events, changes.events, ({ id }) => id);
    keepAll(this.deliveries, changes.deliveries, ({ id }) => id);
    for (const row of changes.progress) this.progress.set(row.event_id, added(this.progress.get(row.event_id), row));
    for (const row of changes.attempts) keepFirst(this.attempts, `${row.delivery_id} ${row.number} ${row.region}`, row);
    keepAll(this.claims, changes.claims, ({ delivery_id: id }) => id);
    keepAll(this.dispatches, changes.dispatches, ({ event_id: id }) => id);
    keepAll(this.targets, changes.targets, ({ delivery_id: id }) => id);
    keepAll(this.reports, changes.reports, ({ event_id: id }) => id);
    keepAll(this.sweeps, changes.sweeps, ({ region }) => region);
    for (const row of changes.regionChanges) keepFirst(this.regionChanges, `${row.at} ${row.origin_region} ${row.origin_seq}`, row);
    for (const { scope, scope_id: id, subject, state, value } of changes.totals) {
      const key = [scope, id, subject, state].join(' ');
      this.totals.set(key, (this.totals.get(key) ?? 0) + value);
    }
    for (const row of changes.problems) keepFirst(this.problems, `${row.stream} ${row.seq}`, row);
    this.#applyRecovery(changes);
    this.#applyMeasures(changes);
  }

  #applyRecovery({ revived, deadLetters, resolutions, instructions, actions, groups }: Changes): void {
    for (const id of revived) this.deadLetters.delete(id);
    keepAll(this.deadLetters, deadLetters, ({ id }) => id);
    keepAll(this.resolutions, resolutions, ({ id }) => id);
    for (const row of instructions) keepFirst(this.instructions, `${row.origin_region} ${row.origin_seq}`, row);
    for (const row of actions) keepFirst(this.actions, `${row.origin_region} ${row.origin_seq}`, row);
    for (const { open, ...group } of groups) this.groups.set(groupKey(group), (this.groups.get(groupKey(group)) ?? 0) + open);
  }

  #applyMeasures({ intakeMarks, rollups, schemaCounts }: Changes): void {
    keepAll(this.intakeMarks, intakeMarks, ({ region }) => region);
    for (const change of rollups) this.rollups.set(change.id, mergedRollup(this.rollups.get(change.id), change));
    for (const row of schemaCounts) {
      const key = [row.day, row.event_type, row.version, row.verdict].join(' ');
      this.schemaCounts.set(key, { ...row, value: row.value + (this.schemaCounts.get(key)?.value ?? 0) });
    }
  }

  /** Rollups and schema counts, each row as text, but those that came back to nothing. */
  measures(): string[][] {
    const rollups = [...this.rollups.values()].filter((row) => !isEmptyRollup(row));
    return [linesOf(rollups), linesOf([...this.schemaCounts.values()].filter(({ value }) => value !== 0))];
  }

  /** Everything, in an order of its own, for comparing. Counters that came back to 0 are as if they had never been. */
  snapshot(): unknown {
    return [sorted(this.events), sorted(this.deliveries), sorted(this.dispatches), sorted(this.problems), this.#rest()];
  }

  /** What must be the same in all regions. */
  comparable(): unknown {
    const { events, deliveries, dispatches } = this;
    return [
      ...Object.entries({ event: events, delivery: deliveries, dispatch: dispatches }).map(([table, rows]) =>
        shared(rows, localColumnsOf(table)),
      ),
      this.#rest(),
    ];
  }

  #rest(): unknown {
    const { attempts, deadLetters, resolutions, instructions, actions, claims, regionChanges, targets, reports, sweeps, intakeMarks } =
      this;
    const totals = new Map([...this.totals].filter(([, value]) => value !== 0));
    const groups = new Map([...this.groups].filter(([, open]) => open !== 0));
    const settled = [deadLetters, resolutions, groups, instructions, actions];
    return [
      ...[...settled, this.progress, attempts, claims, regionChanges, targets, reports, sweeps, totals, intakeMarks].map(sorted),
      this.measures(),
    ];
  }
}

const sorted = (rows: ReadonlyMap<string, unknown>) => [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1));

/** Key of a group of dead letters. */
export const groupKey = (group: Omit<DeadLetterGroupRow, 'open'>): string =>
  [group.scope, group.tenant_id, group.endpoint_id, group.reason, group.region].join(' ');

/** Rows without a region's own columns. */
function shared(rows: ReadonlyMap<string, object>, local: ReadonlySet<string>) {
  const without = (row: object) => Object.fromEntries(Object.entries(row).filter(([column]) => !local.has(column)));
  return sorted(new Map([...rows].map(([id, row]) => [id, without(row)])));
}

function added(known: EventProgressRow | undefined, row: EventProgressRow): EventProgressRow {
  if (known === undefined) return row;
  const { open_count: open, delivered_count: delivered, failed_count: failed } = known;
  return {
    ...row,
    open_count: open + row.open_count,
    delivered_count: delivered + row.delivered_count,
    failed_count: failed + row.failed_count,
  };
}

function keepAll<Row>(rows: Map<string, Row>, changed: readonly Row[], keyOf: (row: Row) => string): void {
  for (const row of changed) rows.set(keyOf(row), row);
}

/** As a store does on a conflict of keys. */
function keepFirst<Row>(rows: Map<string, Row>, key: string, row: Row): void {
  if (!rows.has(key)) rows.set(key, row);
}
