import type { DispatchRow } from './dispatch-rows.ts';
import type { DeliveryRow, EventRow } from './rows.ts';

/**
 * Columns that are a region's own, because they say where a message lies in that region's streams: two regions' rows of one event, delivery or dispatch differ in them.
 * All other columns of all other tables come from inside the facts. Left out whole are checkpoints and problems, which tell of this region's reading,
 * and all that belongs to strict tenants (scope `l`), which no other region has.
 */
const LOCAL_COLUMNS = {
  event: ['stream', 'accepted_seq', 'plan_seq'],
  delivery: ['plan_stream', 'plan_seq'],
  dispatch: ['decided_stream', 'decided_seq'],
} as const satisfies {
  event: readonly (keyof EventRow)[];
  delivery: readonly (keyof DeliveryRow)[];
  dispatch: readonly (keyof DispatchRow)[];
};

/** The local columns of any table. */
export const localColumnsOf = (table: string): ReadonlySet<string> => new Set(isLocal(table) ? LOCAL_COLUMNS[table] : []);
const isLocal = (table: string): table is keyof typeof LOCAL_COLUMNS => Object.hasOwn(LOCAL_COLUMNS, table);
