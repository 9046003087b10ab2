import type { DeliveryState, Scope } from '@waybill/contracts';
import type { DeliveryRow } from './rows.ts';
import type { Before, WorkingSet } from './working-set.ts';

/** How the deliveries of an event stand; the three are added to what the row has. What a job made another one in the place of counts nowhere. */
export interface EventProgressRow {
  readonly event_id: string;
  readonly scope: Scope;
  /** Without an end. */
  readonly open_count: number;
  readonly delivered_count: number;
  /** Dead-lettered or denied. */
  readonly failed_count: number;
}

type Standing = 'open_count' | 'delivered_count' | 'failed_count';
const STANDINGS: Readonly<Record<DeliveryState, Standing | undefined>> = {
  planned: 'open_count',
  delivering: 'open_count',
  retrying: 'open_count',
  delivered: 'delivered_count',
  dead_lettered: 'failed_count',
  denied: 'failed_count',
  superseded: undefined,
};

/** The changes of the events' progress that follow from the transitions of deliveries in a batch: one row for each event that has any. */
export function eventProgressOf(before: Before, after: WorkingSet): EventProgressRow[] {
  const changes = new Map<string, EventProgressRow>();
  for (const row of after.deliveries.values()) {
    const known = before.deliveries.get(row.id);
    const [was, is] = [known === undefined ? undefined : STANDINGS[known.state], STANDINGS[row.state]];
    // A delivery that is known for the first time gives its event a row, whatever it stands at: so rows are there in every order of facts.
    if (known !== undefined && was === is) continue;
    changes.set(row.event_id, moved(changes.get(row.event_id) ?? none(row), was, is));
  }
  return [...changes.values()];
}

const none = ({ event_id, scope }: DeliveryRow): EventProgressRow => ({
  event_id,
  scope,
  open_count: 0,
  delivered_count: 0,
  failed_count: 0,
});

function moved(row: EventProgressRow, from: Standing | undefined, to: Standing | undefined): EventProgressRow {
  const left = from === undefined ? row : { ...row, [from]: row[from] - 1 };
  return to === undefined ? left : { ...left, [to]: left[to] + 1 };
}
