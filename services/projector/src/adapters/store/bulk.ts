import { CompiledQuery, type Kysely } from 'kysely';
import type { Engine } from './database.ts';
import type { Tables } from './schema.ts';

/** How rows of one table are written: all columns at first, only the changing ones when the row exists. */
export interface BulkTable<Row> {
  readonly table: keyof Tables;
  readonly columns: readonly (keyof Row & string)[];
  readonly key: readonly (keyof Row & string)[];
  /** Columns taken over when the row exists; empty: it is left as it is. */
  readonly changing: readonly (keyof Row & string)[];
  /** Columns that are added to what the row has, instead of replacing it. */
  readonly adding?: readonly (keyof Row & string)[];
}

/** Numbers of rows a statement may have: few shapes, so that statements stay prepared. Which ones made no difference between 8 and 200 rows. */
const SHAPES = [64, 16, 4, 1] as const;

/**
 * Writes rows with few multi-row statements of fixed shapes. Raw text because building each statement anew costs more than running it.
 * Rows must differ in their keys.
 */
export class BulkWriter<Row> {
  readonly #of: BulkTable<Row>;
  readonly #engine: Engine;
  readonly #texts = new Map<number, string>();

  constructor(engine: Engine, of: BulkTable<Row>) {
    this.#engine = engine;
    this.#of = of;
  }

  async write(db: QueryExecutor, rows: readonly Row[]): Promise<void> {
    let at = 0;
    for (const shape of SHAPES) {
      for (; rows.length - at >= shape; at += shape) {
        await db.executeQuery(CompiledQuery.raw(this.#text(shape), this.#parameters(rows, at, shape)));
      }
    }
  }

  #parameters(rows: readonly Row[], from: number, count: number): unknown[] {
    const { columns } = this.#of;
    const parameters: unknown[] = [];
    for (const row of rows.slice(from, from + count)) {
      for (const column of columns) parameters.push(row[column]);
    }
    return parameters;
  }

  #text(shape: number): string {
    let text = this.#texts.get(shape);
    if (text === undefined) this.#texts.set(shape, (text = insertText(this.#engine, this.#of, shape)));
    return text;
  }
}

export type QueryExecutor = Pick<Kysely<Tables>, 'executeQuery'>;

function insertText<Row>(engine: Engine, of: BulkTable<Row>, rows: number): string {
  const width = of.columns.length;
  const tuples = Array.from({ length: rows }, (_, row) => `(${placeholders(engine, width, row * width)})`);
  const insert = `insert into ${of.table} (${of.columns.join(', ')}) values ${tuples.join(', ')}`;
  return `${insert} on conflict (${of.key.join(', ')}) do ${onConflict(of)}`;
}

function onConflict<Row>({ table, changing, adding = [] }: BulkTable<Row>): string {
  const sets = [
    ...changing.map((column) => `${column} = excluded.${column}`),
    ...adding.map((column) => `${column} = ${table}.${column} + excluded.${column}`),
  ];
  return sets.length === 0 ? 'nothing' : `update set ${sets.join(', ')}`;
}

/** `?, ?` for SQLite and `$4, $5` for PostgreSQL. */
export function placeholders(engine: Engine, count: number, offset: number): string {
  return Array.from({ length: count }, (_, index) => (engine === 'sqlite' ? '?' : `$${offset + index + 1}`)).join(', ');
}

/** Ids looked up by one statement; shorter lists are filled up with their last id. */
const LOOKUP_SHAPES = [128, 16, 1] as const;

export interface Lookup {
  readonly table: keyof Tables;
  /** What to read, as SQL. */
  readonly columns: string;
  readonly by: string;
}

/** Reads the rows that have one of these ids in `of.by`; ids that do not exist give nothing. */
export async function lookUp<Row>(db: QueryExecutor, engine: Engine, of: Lookup, ids: readonly string[]): Promise<Row[]> {
  const found: Row[] = [];
  for (let at = 0; at < ids.length;) {
    const shape = LOOKUP_SHAPES.find((size) => ids.length - at >= size / 2) ?? 1;
    const chunk = ids.slice(at, at + shape);
    const last = chunk.at(-1);
    while (chunk.length < shape && last !== undefined) chunk.push(last);
    const text = `select ${of.columns} from ${of.table} where ${of.by} in (${placeholders(engine, shape, 0)})`;
    const { rows } = await db.executeQuery<Row>(CompiledQuery.raw(text, chunk));
    for (const row of rows) found.push(row);
    at += shape;
  }
  return found;
}
