import { ACK_EDGES_MS, DELIVERY_STATES, PROCESSING_EDGES_MS } from '@waybill/contracts';
import { isEmptyRollup, measured } from '../../domain/rollup-merge.ts';
import { MEASURES, ROLLUP_COUNTERS } from '../../domain/rollup-rows.ts';
import { type RollupChange, RollupTally } from '../../domain/rollup-tally.ts';
import { countAttempt, countDelivery, countEvent } from '../../domain/rollups.ts';
import { EVENT_STATES, type TotalChange } from '../../domain/rows.ts';
import { SchemaTally } from '../../domain/schema-counts.ts';
import { Tally } from '../../domain/totals.ts';
import type { Tables } from '../store/schema.ts';

/** A row of any table. */
export type Row = Readonly<Record<string, string | number | null>>;

const SUBJECTS: Readonly<Partial<Record<keyof Tables, TotalChange['subject']>>> = {
  event: 'event',
  delivery: 'delivery',
  attempt: 'attempt',
  dispatch: 'dispatch',
  dead_letter: 'dead_letter',
};

/** What the rows of strict tenants add to the counters of everything, of a region and of an endpoint. Told of every row, those of deliveries before attempts. */
export class StrictShare {
  readonly #tally = new Tally();
  readonly #rollups = new RollupTally();
  readonly #schemas = new SchemaTally();
  readonly #madeByJobs = new Set<string>();
  #totals: ReadonlyMap<string, number> | undefined;
  #versions: ReadonlyMap<string, number> | undefined;
  #buckets: ReadonlyMap<string, RollupChange> | undefined;

  /** The row without what belongs to strict tenants; undefined when nothing is left. */
  withoutShare(table: keyof Tables, row: Row): Row | undefined {
    if (table === 'total') return this.#totalWithout(row);
    if (table === 'schema_count') return this.#schemaWithout(row);
    if (table === 'rollup') return this.#rollupWithout(row);
    if (table === 'dead_letter_group' && row['open'] === 0) return undefined;
    if (row['scope'] !== 'l') return row;
    this.#add(table, row);
    return undefined;
  }

  #add(table: keyof Tables, row: Row): void {
    const subject = SUBJECTS[table];
    if (subject === undefined) return;
    const { tenant_id: tenant, endpoint_id: endpoint, region, state, outcome, job_id: job } = row;
    const counted = { tenant_id: String(tenant), region: String(region), job_id: table === 'delivery' ? textOf(job) : null };
    const hasEndpoint = endpoint !== undefined && endpoint !== '';
    this.#tally.enter(subject, hasEndpoint ? { ...counted, endpoint_id: String(endpoint) } : counted, String(state ?? outcome));
    if (table === 'event') this.#addEvent(row);
    if (table === 'delivery') this.#addDelivery(row);
    if (table === 'attempt') this.#addAttempt(row);
  }

  #addEvent(row: Row): void {
    const { event_type: type, version, verdict } = row;
    const state = EVENT_STATES.find((known) => known === row['state']) ?? 'accepted';
    countEvent(this.#rollups, undefined, placeOf(row));
    const versioned = { event_type: String(type), version: numberOf(version), state };
    this.#schemas.add({ ...placeOf(row), ...versioned, verdict: textOf(verdict) }, 1);
  }

  #addDelivery(row: Row): void {
    const state = DELIVERY_STATES.find((known) => known === row['state']) ?? 'planned';
    const ended = { state, end_reason: textOf(row['end_reason']), ended_at: numberOf(row['ended_at']) };
    const job = textOf(row['job_id']);
    if (job !== null) this.#madeByJobs.add(String(row['id']));
    const ids = { endpoint_id: String(row['endpoint_id']), event_id: String(row['event_id']), job_id: job };
    countDelivery(this.#rollups, undefined, { ...placeOf(row), ...ids, ...ended });
  }

  #addAttempt(row: Row): void {
    const ids = { endpoint_id: String(row['endpoint_id']), event_id: String(row['event_id']) };
    const made = { number: Number(row['number']), duration_ms: Number(row['duration_ms']), outcome: String(row['outcome']) };
    const attempt = { ...placeOf(row), ...ids, ...made };
    const isOfJob = this.#madeByJobs.has(String(row['delivery_id']));
    countAttempt(this.#rollups, attempt, { ...attempt, job_id: isOfJob ? '' : null });
  }

  /** A counter that came back to 0 is as if it had never been: two regions need not pass through the same states. */
  #totalWithout(row: Row): Row | undefined {
    this.#totals ??= new Map(
      this.#tally.changes().map(({ scope, scope_id: id, subject, state, value }) => [JSON.stringify([scope, id, subject, state]), value]),
    );
    const { scope, scope_id: id, subject, state } = row;
    return lessen(row, this.#totals.get(JSON.stringify([scope, id, subject, state])) ?? 0);
  }

  #schemaWithout(row: Row): Row | undefined {
    this.#versions ??= new Map(
      this.#schemas
        .changes()
        .map(({ day, event_type: type, version, verdict, value }) => [JSON.stringify([day, type, version, verdict]), value]),
    );
    const { day, event_type: type, version, verdict } = row;
    return lessen(row, this.#versions.get(JSON.stringify([day, type, version, verdict])) ?? 0);
  }

  /** Minutes are not compared: how many are kept depends on when a region's day began. */
  #rollupWithout(row: Row): Row | undefined {
    this.#buckets ??= new Map(this.#rollups.changes().map((change) => [change.id, change]));
    if (row['grain'] === 'minute') return undefined;
    const left = withoutBucket(row, this.#buckets.get(String(row['id'])));
    return isEmptyRollup(left) ? undefined : left;
  }
}

type Value = Row[string] | undefined;
const textOf = (value: Value): string | null => (value === null || value === undefined ? null : String(value));
const numberOf = (value: Value): number | null => (value === null || value === undefined ? null : Number(value));
const placeOf = (row: Row) => ({ tenant_id: String(row['tenant_id']), region: String(row['region']), at: Number(row['at']) });

function lessen(row: Row, share: number): Row | undefined {
  const left = Number(row['value']) - share;
  return left === 0 ? undefined : { ...row, value: left };
}

function withoutBucket(row: Row, share: RollupChange | undefined): Row {
  if (share === undefined) return row;
  const left: Record<string, string | number | null> = { ...row };
  for (const counter of ROLLUP_COUNTERS) left[counter] = Number(row[counter]) - share.bucket[counter];
  for (const measure of MEASURES) {
    const edges = measure === 'ack' ? ACK_EDGES_MS : PROCESSING_EDGES_MS;
    const taken = share.bucket[measure]?.map((count) => -count);
    if (taken === undefined) continue;
    const { counts, count, p50, p95, p99 } = measured(edges, textOf(row[`${measure}_counts`]), taken);
    left[`${measure}_counts`] = counts;
    left[`${measure}_count`] = count;
    left[`${measure}_p50_us`] = p50;
    left[`${measure}_p95_us`] = p95;
    left[`${measure}_p99_us`] = p99;
  }
  return left;
}
