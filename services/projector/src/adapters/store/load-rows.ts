import type { DispatchReportRow, DispatchRow, DispatchSweepRow, DispatchTargetRow } from '../../domain/dispatch-rows.ts';
import type { Touched } from '../../domain/fold.ts';
import { type RegistryBefore, tombstoneKey } from '../../domain/registry-changes.ts';
import type { RegistryVersions } from '../../domain/registry-versions.ts';
import { isSetAside } from '../../domain/fold-event.ts';
import type { IntakeMarkRow } from '../../domain/rollup-rows.ts';
import type { ResolutionRow } from '../../domain/recovery-rows.ts';
import type { AttemptRow, ClaimRow, DeadLetterRow, DeliveryRow, EndpointRow, EventRow, RemovedRow, TenantRow } from '../../domain/rows.ts';
import type { AttemptMark, Before } from '../../domain/working-set.ts';
import { type Lookup, lookUp, type QueryExecutor } from './bulk.ts';
import type { Engine } from './database.ts';

type MarkedAttempt = AttemptMark & Pick<AttemptRow, 'delivery_id'>;

const ATTEMPTS: Lookup = { table: 'attempt', columns: 'delivery_id, number, region, at, duration_ms', by: 'delivery_id' };
const DEAD: ReadonlySet<string> = new Set(['dead_lettered', 'denied', 'superseded']);

/** Reads the rows that a batch of facts may change. */
export async function loadRows(db: QueryExecutor, engine: Engine, touched: Touched): Promise<Before> {
  const read = <Row>(of: Lookup, ids: Iterable<string>): Promise<Row[]> => lookUp<Row>(db, engine, of, [...ids]);
  const ofEvents = <Row>(table: Lookup['table'], ids: Iterable<string>) => read<Row>({ table, columns: '*', by: 'event_id' }, ids);
  const sweeps = await read<DispatchSweepRow>({ table: 'dispatch_sweep', columns: '*', by: 'region' }, touched.sweeps);
  const marks = await read<IntakeMarkRow>({ table: 'intake_mark', columns: '*', by: 'region' }, touched.measured);
  const events = byId(await read<EventRow>({ table: 'event', columns: '*', by: 'id' }, touched.events));
  const deliveries = byId(await read<DeliveryRow>({ table: 'delivery', columns: '*', by: 'id' }, touched.deliveries));
  // A delivery that was never tried has no attempts to look for, and what is not dead has no dead letter: that is nearly every one.
  const tried = [...touched.attempted].filter((id) => (deliveries.get(id)?.attempts ?? 0) > 0);
  const dead = new Set(touched.discarded);
  for (const row of events.values()) if (isSetAside(row)) dead.add(row.id);
  for (const { id, state } of deliveries.values()) if (DEAD.has(state)) dead.add(id);
  return {
    events,
    deliveries,
    attempts: grouped(await read<MarkedAttempt>(ATTEMPTS, tried), ({ delivery_id: id }) => id),
    deadLetters: byId(await read<DeadLetterRow>({ table: 'dead_letter', columns: '*', by: 'id' }, dead)),
    resolutions: byId(await read<ResolutionRow>({ table: 'resolution', columns: '*', by: 'id' }, touched.resolutions)),
    claims: new Map((await read<ClaimRow>({ table: 'claim', columns: '*', by: 'delivery_id' }, touched.claimed)).map(keyedByDelivery)),
    dispatches: byEvent(await ofEvents<DispatchRow>('dispatch', touched.dispatches)),
    targets: grouped(await ofEvents<DispatchTargetRow>('dispatch_target', touched.dispatches), ({ event_id: id }) => id),
    reports: byEvent(await ofEvents<DispatchReportRow>('dispatch_report', touched.reports)),
    sweeps: new Map(sweeps.map((row) => [row.region, row])),
    intakeMarks: new Map(marks.map((row) => [row.region, row])),
  };
}

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const known = groups.get(keyOf(row));
    if (known === undefined) groups.set(keyOf(row), [row]);
    else known.push(row);
  }
  return groups;
}

const keyedByDelivery = (row: ClaimRow): [string, ClaimRow] => [row.delivery_id, row];
const byEvent = <Row extends { event_id: string }>(rows: readonly Row[]): Map<string, Row> =>
  new Map(rows.map((row) => [row.event_id, row]));
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
