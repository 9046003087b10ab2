import type { Kysely } from 'kysely';
import { mergedRollup } from '../../domain/rollup-merge.ts';
import { GRAIN_MS, rollupId, type RollupRow } from '../../domain/rollup-rows.ts';
import type { RollupChange } from '../../domain/rollup-tally.ts';
import { lookUp } from './bulk.ts';
import type { Engine } from './database.ts';
import type { RowWriters } from './row-writers.ts';
import type { Tables } from './schema.ts';

/** How long minutes are kept. */
const MINUTES_KEPT_MS = 8 * GRAIN_MS.day;

/** Adds what a batch changes to the rows of rollups. Quantiles are those of whole buckets, so rows are read, added to and written, each once. */
export async function writeRollups(
  db: Kysely<Tables>,
  engine: Engine,
  { rollup }: Pick<RowWriters, 'rollup'>,
  changes: readonly RollupChange[],
): Promise<void> {
  const ids = changes.map(({ id }) => id);
  const known = await lookUp<RollupRow>(db, engine, { table: 'rollup', columns: '*', by: 'id' }, ids);
  const before = new Map(known.map((row) => [row.id, row]));
  await rollup.write(
    db,
    changes.map((change) => mergedRollup(before.get(change.id), change)),
  );
  for (const change of changes) if (change.grain === 'day' && !before.has(change.id)) await dropMinutes(db, change);
}

/** A series whose new day begins lets go of its old minutes: a range of the key. */
async function dropMinutes(db: Kysely<Tables>, { scope, scopeId, at }: RollupChange): Promise<void> {
  if (scope !== 'all' && scope !== 'region') return;
  await db
    .deleteFrom('rollup')
    .where('id', '>=', rollupId(scope, scopeId, 'minute', 0))
    .where('id', '<', rollupId(scope, scopeId, 'minute', Math.max(0, at - MINUTES_KEPT_MS)))
    .execute();
}
