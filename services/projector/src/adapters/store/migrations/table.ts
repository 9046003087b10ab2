import { type CreateTableBuilder, type Kysely, type RawBuilder, sql } from 'kysely';
import type { Engine } from '../database.ts';

/**
 * A column's type; `?` allows null. Only what both engines share; `whole` holds milliseconds, sequences and counters. `key` is text that is sorted by its
 * bytes, whatever the database's locale: without it, ranges of texts that differ in more than digits hold what does not belong to them.
 */
export type ColumnType = 'text' | 'text?' | 'key' | 'whole' | 'whole?';

export interface TableDefinition {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly key: readonly string[];
}

/**
 * Creates a table. SQLite tables are strict and without row ids: the primary key is the table, which saves one tree and one write per row.
 * The trap: `bigint` is no type of a strict table, and PostgreSQL's `integer` is too small.
 */
export async function createTable(db: Kysely<unknown>, engine: Engine, name: string, table: TableDefinition): Promise<void> {
  let builder: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, type] of Object.entries(table.columns)) {
    builder = builder.addColumn(column, dataType(type, engine), (definition) => (type.endsWith('?') ? definition : definition.notNull()));
  }
  builder = builder.addPrimaryKeyConstraint(`${name}_key`, [...table.key]);
  if (engine === 'sqlite') builder = builder.modifyEnd(sql`strict, without rowid`);
  await builder.execute();
}

/** A column that a table gets later. `was`: its value in the rows that are there already. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: ColumnType;
  readonly was?: string | number;
}

export async function addColumn(db: Kysely<unknown>, engine: Engine, table: string, { name, type, was }: ColumnDefinition): Promise<void> {
  const alter = db.schema.alterTable(table);
  await alter.addColumn(name, dataType(type, engine), (column) => (was === undefined ? column : column.notNull().defaultTo(was))).execute();
}

function dataType(type: ColumnType, engine: Engine): 'text' | 'integer' | 'bigint' | RawBuilder<unknown> {
  if (type === 'key') return engine === 'sqlite' ? 'text' : sql`text collate "C"`;
  if (type === 'text' || type === 'text?') return 'text';
  return engine === 'sqlite' ? 'integer' : 'bigint';
}

/**
 * An index that serves a list. `unless`: the state whose rows are left out, because most rows are in it. `given`: the column without which rows are.
 * `lacking`: the column with which they are.
 */
export interface IndexDefinition {
  readonly table: string;
  readonly columns: readonly string[];
  readonly unless?: string;
  readonly given?: string;
  readonly lacking?: string;
}

export async function createIndex(db: Kysely<unknown>, { table, columns, unless, given, lacking }: IndexDefinition): Promise<void> {
  const index = db.schema
    .createIndex(`${table}_by_${columns[0] ?? ''}`)
    .on(table)
    .columns([...columns]);
  if (unless !== undefined) return index.where(sql.ref('state'), '<>', sql.lit(unless)).execute();
  if (lacking !== undefined) return index.where(sql.ref(lacking), 'is', null).execute();
  await (given === undefined ? index : index.where(sql.ref(given), 'is not', null)).execute();
}
