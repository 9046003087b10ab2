import { setImmediate } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import type { Comparison, TableDifference } from '../../application/rebuild/build-state.ts';
import { localColumnsOf } from '../../domain/comparable.ts';
import { eventTimeMs } from '../../domain/event-time.ts';
import { isEmptyRollup } from '../../domain/rollup-merge.ts';
import type { Database } from '../store/database.ts';
import type { Tables } from '../store/schema.ts';
import { COMPARED } from './digest.ts';
import { checkpoints } from './totals.ts';

/** Two stores of one region that have read the same facts. */
export interface Pair {
  readonly built: Database;
  readonly serving: Database;
}

type Row = Readonly<Record<string, string | number | null>>;
type Key = readonly (string | number)[];

/** Rows read by one statement. */
const CHUNK = 1_000;
const MOST_IDS = 20;

/**
 * Compares every row of two stores along their primary keys, giving way to other work in between. Left out is what depends on the order in which streams
 * were read (`localColumnsOf`), and of a store that an older release began what that did not keep. When the log has lost its beginning, only what belongs
 * to events that came after it is compared, and no counters.
 */
export async function compareStores({ built, serving }: Pair, tell: (table: string) => void): Promise<Comparison> {
  const sinceMs = await lostBefore(built);
  const isWhole = (await checkpoints(serving)).every(({ measured_since: since }) => since === null);
  const differences: TableDifference[] = [];
  let rows = 0;
  for (const [table, least] of COMPARED) {
    const eventOf = sinceMs === null ? undefined : EVENT_OF[table];
    if ((sinceMs !== null && eventOf === undefined) || (!isWhole && MEASURES.has(table))) continue;
    tell(table);
    const isCompared = (row: Row): boolean =>
      eventOf === undefined ? counts(row) : eventTimeMs(String(row[eventOf])) >= (sinceMs ?? 0) + LATE_FACTS_MS;
    const left = isWhole ? localColumnsOf(table) : new Set([...localColumnsOf(table), ...LATER_COLUMNS]);
    const compared = await compareTable({ built, serving }, { table, least, isCompared, left });
    rows += compared.rows;
    if (compared.ids.length > 0) differences.push(compared);
  }
  return { rows, sinceMs, differences };
}

/** What release 0006 of the tables began to keep. */
const MEASURES: ReadonlySet<keyof Tables> = new Set(['rollup', 'schema_count']);
const LATER_COLUMNS = ['version', 'min_compatible', 'connect_ms', 'first_byte_ms'];

/** A counter that came back to 0 is as if it had never been. How many minutes are kept depends on when a day began. */
const counts = (row: Row): boolean =>
  row['value'] !== 0 && row['open'] !== 0 && (row['grain'] === undefined || (row['grain'] !== 'minute' && !isEmptyRollup(row)));

/** An event's id is made before its fact is stored: one of just after the beginning may have been lost with it. */
const LATE_FACTS_MS = 60_000;

/** In which column a table says whose event a row belongs to; those that do not are compared only when the log is whole. */
const EVENT_OF: Readonly<Partial<Record<keyof Tables, string>>> = {
  event: 'id',
  delivery: 'event_id',
  event_progress: 'event_id',
  attempt: 'event_id',
  dead_letter: 'event_id',
  dispatch: 'event_id',
  dispatch_target: 'event_id',
  dispatch_report: 'event_id',
};

async function lostBefore(database: Database): Promise<number | null> {
  const times = (await checkpoints(database)).flatMap(({ complete_since: since }) => since ?? []);
  return times.length === 0 ? null : Math.max(...times);
}

interface ComparedTable {
  readonly table: keyof Tables;
  readonly least: Readonly<Record<string, string | number>>;
  readonly isCompared: (row: Row) => boolean;
  /** Columns that are left out. */
  readonly left: ReadonlySet<string>;
}

/** Walks both in step: a chunk of what was built, then everything of the serving one up to the same key. */
async function compareTable(pair: Pair, { table, least, isCompared, left }: ComparedTable): Promise<TableDifference> {
  const columns = Object.keys(least);
  const found = new Findings(table, columns, left);
  for (let after: Key = Object.values(least); ;) {
    const chunk = await rowsBetween(pair.built, table, { columns, after });
    const last = chunk.length < CHUNK ? undefined : chunk.at(-1);
    const upTo = last === undefined ? undefined : columns.map((column) => last[column] ?? '');
    const others = await rowsBetween(pair.serving, table, { columns, after, upTo: upTo ?? 'end' });
    found.compare(chunk.filter(isCompared), others.filter(isCompared));
    if (upTo === undefined) return found.result();
    after = upTo;
    await setImmediate();
  }
}

interface Stretch {
  readonly columns: readonly string[];
  readonly after: Key;
  /** Undefined: as many as a chunk has. */
  readonly upTo?: Key | 'end';
}

const tuple = (values: Key): RawBuilder<unknown> => sql`(${sql.join([...values])})`;

async function rowsBetween(database: Database, table: keyof Tables, { columns, after, upTo }: Stretch): Promise<readonly Row[]> {
  const key = sql`(${sql.join(columns.map((column) => sql.ref(column)))})`;
  const order = sql.join(columns.map((column) => sql`${sql.ref(column)} asc`));
  const bound = upTo === undefined || upTo === 'end' ? sql`` : sql`and ${key} <= ${tuple(upTo)}`;
  const limit = upTo === undefined ? sql`limit ${CHUNK}` : sql``;
  const rows = sql<Row>`select * from ${sql.table(table)} where ${key} > ${tuple(after)} ${bound} order by ${order} ${limit}`;
  return (await rows.execute(database.db)).rows;
}

/** What was found of one table. */
class Findings {
  readonly #table: keyof Tables;
  readonly #key: readonly string[];
  readonly #left: ReadonlySet<string>;
  readonly #ids: string[] = [];
  #rows = 0;
  #missing = 0;
  #extra = 0;
  #different = 0;

  constructor(table: keyof Tables, key: readonly string[], left: ReadonlySet<string>) {
    this.#table = table;
    this.#key = key;
    this.#left = left;
  }

  compare(built: readonly Row[], serving: readonly Row[]): void {
    const rest = new Map(serving.map((row) => [this.#idOf(row), row]));
    for (const row of built) {
      const id = this.#idOf(row);
      const other = rest.get(id);
      rest.delete(id);
      this.#rows += 1;
      if (other === undefined) this.#missing += this.#note(id);
      else if (this.#textOf(other) !== this.#textOf(row)) this.#different += this.#note(id);
    }
    for (const id of rest.keys()) this.#extra += this.#note(id);
    this.#rows += rest.size;
  }

  result(): TableDifference {
    return {
      table: this.#table,
      rows: this.#rows,
      missing: this.#missing,
      extra: this.#extra,
      different: this.#different,
      ids: this.#ids,
    };
  }

  #note(id: string): 1 {
    if (this.#ids.length < MOST_IDS) this.#ids.push(id);
    return 1;
  }
  #idOf(row: Row): string {
    return this.#key.map((column) => String(row[column])).join(' ');
  }
  #textOf(row: Row): string {
    return JSON.stringify(Object.entries(row).filter(([column]) => !this.#left.has(column)));
  }
}
