import { type RawBuilder, sql } from 'kysely';
import { decodeMark, encodeMark, type Key, type Mark, type Page } from '../../domain/page.ts';
import type { Database } from '../store/database.ts';
import type { Tables } from '../store/schema.ts';

/** A way through a table that an index (or the primary key) serves from end to end. */
export interface Drive<Row> {
  /** The filter it serves; undefined for the whole table. */
  readonly by?: keyof Row & string;
  /** Values of `by` that it does not serve. */
  readonly except?: string;
  /** The condition, when it is not `by = value`. */
  readonly where?: (value: string) => RawBuilder<unknown>;
  /** Finds rows that `where` does not, along an index of its own: both are merged. */
  readonly elsewhere?: (value: string) => RawBuilder<unknown>;
  /** Columns that the index is sorted by, with values above all that occur. */
  readonly sort: Readonly<Partial<Record<keyof Row & string, string | number>>>;
}

/** A list that can be asked for. Drives are tried in their order: the one that leaves fewest rows comes first. */
export interface List<Row> {
  readonly table: keyof Tables;
  readonly drives: readonly Drive<Row>[];
  /** Read beside a row's own columns, each for one more look at an index. */
  readonly more?: RawBuilder<unknown>;
  /** What holds for every row of the list; the index of each drive serves it too. */
  readonly within?: RawBuilder<unknown>;
  /** Bounds of the column that every drive is sorted by first. */
  readonly between?: Between;
}

/** From `from` on, and before `to`. */
export interface Between {
  readonly from?: string | number | undefined;
  readonly to?: string | number | undefined;
}

/** Values that columns must have; undefined ones are no filter. */
export type Filters<Row> = Readonly<Partial<Record<keyof Row & string, string | undefined>>>;

export interface ListQuery<Row> {
  readonly filters?: Filters<Row>;
  readonly limit: number;
  readonly iterator?: string | undefined;
  /** Compared row by row, as filters are that no index serves. */
  readonly matching?: ((row: Row) => boolean) | undefined;
}

/** Above every id, whichever way the database compares texts: ids begin with lower-case prefixes before `z`. */
export const ABOVE_ALL_IDS = 'zzzz';
export const ABOVE_ALL_NUMBERS = Number.MAX_SAFE_INTEGER;

/** Rows looked at for one page when filters are combined. The page may then be short, and not the last one. */
const WALK_BUDGET = 1_000;
const WALK_STEP = 250;

/**
 * Reads one page. One filter is served by an index; the others are compared row by row along it, over at most 1,000 rows: no request costs more
 * than that, however the filters are combined. Throws WB_SCHEMA_VIOLATION for an iterator of another list.
 */
export async function readPage<Row>(database: Database, list: List<Row>, query: ListQuery<Row>): Promise<Page<Row>> {
  const walk = new Walk(database, list, query);
  return walk.page();
}

/** The drive that serves a query best; undefined when there is none. */
export function driveFor<Row>(list: List<Row>, filters: Filters<Row> | undefined): Drive<Row> | undefined {
  return list.drives.find(({ by, except }) => by === undefined || (filters?.[by] !== undefined && filters[by] !== except));
}

class Walk<Row> {
  readonly #database: Database;
  readonly #list: List<Row>;
  readonly #query: ListQuery<Row>;
  readonly #filters: Filters<Row> | undefined;
  readonly #drive: Drive<Row>;
  readonly #columns: readonly (keyof Row & string)[];
  readonly #rest: readonly (keyof Row & string)[];
  readonly #start: Mark;

  constructor(database: Database, list: List<Row>, query: ListQuery<Row>) {
    const drive = driveFor(list, query.filters);
    if (drive === undefined) throw new Error(`no index of ${list.table} serves this query`);
    this.#database = database;
    this.#list = list;
    this.#query = query;
    this.#drive = drive;
    this.#columns = keysOf(drive.sort);
    this.#filters = query.filters;
    this.#rest = givenFilters(query.filters).filter((column) => column !== drive.by);
    const end = this.#columns.map((column) => drive.sort[column] ?? '');
    const start: Mark = query.iterator === undefined ? { direction: 'older', key: end } : decodeMark(query.iterator, end);
    this.#start = { ...start, key: boundedKey(start, list.between) };
  }

  async page(): Promise<Page<Row>> {
    const { limit } = this.#query;
    const step = this.#rest.length === 0 && this.#query.matching === undefined ? limit + 1 : WALK_STEP;
    const found: Row[] = [];
    let key = this.#start.key;
    for (let walked = 0; walked < WALK_BUDGET && found.length <= limit;) {
      const rows = await this.#rows(key, step);
      found.push(...rows.filter((row) => this.#isWanted(row)));
      const last = rows.at(-1);
      if (last !== undefined) key = this.#keyOf(last);
      if (rows.length < step) return this.#pageOf(found, undefined);
      walked += rows.length;
    }
    return this.#pageOf(found, key);
  }

  #isWanted(row: Row): boolean {
    return this.#rest.every((column) => row[column] === this.#filters?.[column]) && this.#query.matching?.(row) !== false;
  }

  /** `reached` is how far was looked when there may be more; undefined at the end. */
  #pageOf(found: readonly Row[], reached: Key | undefined): Page<Row> {
    const { limit, iterator } = this.#query;
    const isCut = found.length > limit;
    const isOlder = this.#start.direction === 'older';
    const kept = found.slice(0, limit);
    const data = isOlder ? kept : kept.toReversed();
    const edge = isCut || reached === undefined ? undefined : reached;
    const older = (isOlder ? edge : undefined) ?? this.#edgeOf(data.at(-1));
    const newer = (isOlder ? undefined : edge) ?? this.#edgeOf(data[0]);
    return {
      data,
      done: isOlder && !isCut && reached === undefined,
      iterator: older === undefined ? (iterator ?? null) : encodeMark({ direction: 'older', key: older }),
      prevIterator: newer === undefined ? null : encodeMark({ direction: 'newer', key: newer }),
    };
  }

  #edgeOf(row: Row | undefined): Key | undefined {
    return row === undefined ? undefined : this.#keyOf(row);
  }

  #keyOf(row: Row): Key {
    return this.#columns.map((column) => {
      const value = row[column];
      return typeof value === 'number' ? value : String(value);
    });
  }

  async #rows(key: Key, step: number): Promise<readonly Row[]> {
    const { direction } = this.#start;
    const compiled = pageStatement(this.#list, this.#drive, { value: this.#value(), direction, key, step }).compile(this.#database.db);
    return (await this.#database.db.executeQuery(compiled)).rows;
  }

  #value(): string | undefined {
    return this.#drive.by === undefined ? undefined : this.#filters?.[this.#drive.by];
  }
}

/**
 * A key that is not outside the bounds on the side that it is read from. An engine takes one bound of each side to find its place in an index and
 * compares the other row by row, so a bound beside a key would cost whatever lies between the two.
 */
function boundedKey({ direction, key }: Mark, { from, to }: Between = {}): Key {
  const bound = direction === 'older' ? to : from;
  const [first = ''] = key;
  if (bound === undefined || (direction === 'older' ? first < bound : first >= bound)) return key;
  return [bound, ...key.slice(1).map((value) => (typeof value === 'number' ? Number.MIN_SAFE_INTEGER : ''))];
}

/** The bound on the side that is read towards. */
function farBound({ from, to }: Between, column: string, direction: Mark['direction']): RawBuilder<unknown> | undefined {
  if (direction === 'older') return from === undefined ? undefined : sql`${sql.ref(column)} >= ${from}`;
  return to === undefined ? undefined : sql`${sql.ref(column)} < ${to}`;
}

/** The one statement of all lists: the rows of a drive beyond a key, along its index. The key is within the bounds of the list. */
export function pageStatement<Row>(
  list: List<Row>,
  drive: Drive<Row>,
  at: { value: string | undefined; direction: Mark['direction']; key: Key; step: number },
): RawBuilder<Row> {
  const columns = keysOf(drive.sort);
  const order = at.direction === 'older' ? sql`desc` : sql`asc`;
  const compare = at.direction === 'older' ? sql`<` : sql`>`;
  const tuple = sql.join(columns.map((column) => sql.ref(column)));
  const beyond = sql`(${tuple}) ${compare} (${sql.join([...at.key])})`;
  const far = farBound(list.between ?? {}, columns[0] ?? '', at.direction);
  const within = sql.join(
    [list.within, beyond, far].filter((part) => part !== undefined),
    sql` and `,
  );
  const sorted = sql.join(columns.map((column) => sql`${sql.ref(column)} ${order}`));
  const read = list.more === undefined ? sql`select *` : sql`select *, ${list.more}`;
  const from = sql`${read} from ${sql.table(list.table)}`;
  const matching = at.value === undefined ? within : sql`${conditionOf(drive, at.value)} and ${within}`;
  const rows = sql`${from} where ${matching}`;
  const more = at.value === undefined ? undefined : drive.elsewhere?.(at.value);
  const all = more === undefined ? rows : sql`${rows} union all ${from} where ${more} and ${within}`;
  return sql<Row>`${all} order by ${sorted} limit ${at.step}`;
}

function conditionOf<Row>(drive: Drive<Row>, value: string): RawBuilder<unknown> {
  if (drive.where !== undefined) return drive.where(value);
  return sql`${sql.ref(drive.by ?? '')} = ${value}`;
}

/** Names of the filters that have a value. */
const givenFilters = <Row>(filters: Filters<Row> | undefined): (keyof Row & string)[] =>
  filters === undefined ? [] : keysOf<Row>(filters).filter((column) => filters[column] !== undefined);

const keysOf = <Row>(record: Readonly<Partial<Record<keyof Row & string, unknown>>>): (keyof Row & string)[] =>
  Object.keys(record).filter((key): key is keyof Row & string => key in record);
