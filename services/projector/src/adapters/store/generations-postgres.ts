import pg from 'pg';
import { z } from 'zod';
import type { Generations } from '../../application/rebuild/ledger.ts';
import { COMPARED } from '../queries/digest.ts';
import { FIRST_LEDGER, ledgerSchema } from './ledger-line.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** The schema of a generation; generation 0 is in whatever schema the connection has by default. */
export const generationSchema = (region: string, generation: number): string | undefined =>
  generation === 0 ? undefined : `read_models_${region}_${generation}`;

/** One row says what serves and what is built, so that it changes in one statement. It lies in the default schema. */
const POINTER = `create table if not exists read_model_generation (one integer primary key check (one = 1), ledger text not null)`;
const UNDEFINED_TABLE = '42P01';

const rowSchema = z.object({ ledger: z.string() });
const nameSchema = z.object({ name: z.string() });

/** Generations as schemas of a database. */
export function postgresGenerations(url: string, region: string, migrationsTable?: string): Generations {
  return {
    ledger: () =>
      withClient(url, async (client) => {
        const { rows } = await client.query('select ledger from read_model_generation').catch(noRowsWithoutTable);
        const [row] = rows;
        return row === undefined ? FIRST_LEDGER : ledgerSchema.parse(JSON.parse(rowSchema.parse(row).ledger));
      }),
    write: (ledger) =>
      withClient(url, async (client) => {
        await makeDefaultSchema(client);
        await client.query(POINTER);
        await client.query(
          'insert into read_model_generation (one, ledger) values (1, $1) on conflict (one) do update set ledger = excluded.ledger',
          [JSON.stringify(ledger)],
        );
      }),
    present: () =>
      withClient(url, async (client) => {
        const { rows } = await client.query('select nspname as name from pg_namespace');
        return [0, ...rows.flatMap((row) => numberIn(nameSchema.parse(row).name, region))];
      }),
    remove: async (generation) => {
      const schema = generationSchema(region, generation);
      await withClient(url, (client) => (schema === undefined ? dropTables(client, migrationsTable) : dropSchema(client, schema)));
    },
  };
}

/** Makes the schema that a connection's tables are made in: the one named, or the connection's own, should it have been dropped. */
export function makeSchema(url: string, schema: string | undefined): Promise<void> {
  return withClient(url, async (client) => {
    if (schema === undefined) await makeDefaultSchema(client);
    else await client.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`);
  });
}

/** Drops the tables of the read models from a schema, so that they can be made anew; those of others stay. */
export function emptySchema(url: string, schema: string | undefined, migrationsTable?: string): Promise<void> {
  return withClient(url, async (client) => {
    if (schema === undefined) await dropTables(client, migrationsTable);
    else await dropSchema(client, schema);
  });
}

async function makeDefaultSchema(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select current_schema() as name');
  if (nameSchema.safeParse(rows[0]).success) return;
  const { rows: paths } = await client.query(`select current_setting('search_path') as name`);
  const names = nameSchema.parse(paths[0]).name.split(',');
  const first = names.map((name) => name.trim().replaceAll('"', '')).find((name) => name !== '' && name !== '$user');
  await client.query(`create schema if not exists ${pg.escapeIdentifier(first ?? 'public')}`);
}

const dropSchema = async (client: pg.Client, schema: string): Promise<void> =>
  void (await client.query(`drop schema if exists ${pg.escapeIdentifier(schema)} cascade`));

/** Where it is noted which migrations ran, unless DB_MIGRATIONS_TABLE says otherwise. */
export const MIGRATIONS_TABLE = 'kysely_migration';
/** Tables of the read models, as far as there are any. */
const TABLES = [...COMPARED.map(([table]) => table), 'projection_problem', 'checkpoint'];

async function dropTables(client: pg.Client, migrations = MIGRATIONS_TABLE): Promise<void> {
  for (const table of [...TABLES, migrations, `${migrations}_lock`]) await client.query(`drop table if exists ${table}`);
}

function noRowsWithoutTable(error: unknown): { rows: unknown[] } {
  if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return { rows: [] };
  throw error;
}

function numberIn(schema: string, region: string): number[] {
  const prefix = `read_models_${region}_`;
  const rest = schema.startsWith(prefix) ? schema.slice(prefix.length) : '';
  return /^\d+$/.test(rest) ? [Number(rest)] : [];
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // What it fails of is thrown by the query; without a listener it would end this process as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
