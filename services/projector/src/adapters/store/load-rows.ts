import type { Touched } from '../../domain/fold.ts';
import { type RegistryBefore, tombstoneKey } from '../../domain/registry-changes.ts';
import type { RegistryVersions } from '../../domain/registry-versions.ts';
import type { AttemptRow, ClaimRow, DeadLetterRow, DeliveryRow, EndpointRow, EventRow, RemovedRow, TenantRow } from '../../domain/rows.ts';
import type { AttemptMark, Before } from '../../domain/working-set.ts';
import { type Lookup, lookUp, type QueryExecutor } from './bulk.ts';
import type { Engine } from './database.ts';

type MarkedAttempt = AttemptMark & Pick<AttemptRow, 'delivery_id'>;

const ATTEMPTS: Lookup = { table: 'attempt', columns: 'delivery_id, number, region, at, duration_ms', by: 'delivery_id' };
const DEAD: ReadonlySet<string> = new Set(['refused', 'dead_lettered', 'denied']);

/** Reads the rows that a batch of facts may change. */
export async function loadRows(db: QueryExecutor, engine: Engine, touched: Touched): Promise<Before> {
  const read = <Row>(of: Lookup, ids: Iterable<string>): Promise<Row[]> => lookUp<Row>(db, engine, of, [...ids]);
  const events = byId(await read<EventRow>({ table: 'event', columns: '*', by: 'id' }, touched.events));
  const deliveries = byId(await read<DeliveryRow>({ table: 'delivery', columns: '*', by: 'id' }, touched.deliveries));
  // A delivery that was never tried has no attempts to look for, and what is not dead has no dead letter: that is nearly every one.
  const tried = [...touched.attempted].filter((id) => (deliveries.get(id)?.attempts ?? 0) > 0);
  const dead = [...events.values(), ...deliveries.values()].filter(({ state }) => DEAD.has(state)).map(({ id }) => id);
  return {
    events,
    deliveries,
    attempts: byDelivery(await read<MarkedAttempt>(ATTEMPTS, tried)),
    deadLetters: byId(await read<DeadLetterRow>({ table: 'dead_letter', columns: '*', by: 'id' }, dead)),
    claims: new Map((await read<ClaimRow>({ table: 'claim', columns: '*', by: 'delivery_id' }, touched.claimed)).map(keyedByDelivery)),
  };
}

function byDelivery(attempts: readonly MarkedAttempt[]): Map<string, MarkedAttempt[]> {
  const grouped = new Map<string, MarkedAttempt[]>();
  for (const attempt of attempts) {
    const known = grouped.get(attempt.delivery_id);
    if (known === undefined) grouped.set(attempt.delivery_id, [attempt]);
    else known.push(attempt);
  }
  return grouped;
}

const keyedByDelivery = (row: ClaimRow): [string, ClaimRow] => [row.delivery_id, row];
const byId = <Row extends { id: string }>(rows: readonly Row[]): Map<string, Row> => new Map(rows.map((row) => [row.id, row]));

/** Reads the tenants, endpoints and tombstones that registry entries may change. */
export async function loadRegistry(db: QueryExecutor, engine: Engine, { tenants, endpoints }: RegistryVersions): Promise<RegistryBefore> {
  const ids = [...new Set([...tenants.keys(), ...endpoints.keys()])];
  const read = <Row>(table: Lookup['table'], wanted: readonly string[]): Promise<Row[]> =>
    lookUp<Row>(db, engine, { table, columns: '*', by: 'id' }, wanted);
  const removed = await read<RemovedRow>('removed_record', ids);
  return {
    tenants: byId(await read<TenantRow>('tenant', [...tenants.keys()])),
    endpoints: byId(await read<EndpointRow>('endpoint', [...endpoints.keys()])),
    removed: new Map(removed.map((row) => [tombstoneKey(row.kind, row.id), row])),
  };
}
