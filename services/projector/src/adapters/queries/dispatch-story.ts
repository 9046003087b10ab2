import { RUN_COMPLETED_TYPE } from '@waybill/contracts';
import type { DispatchReportRow, DispatchRow, DispatchTargetRow } from '../../domain/dispatch-rows.ts';
import type { ClaimRow, DeliveryRow, EventRow } from '../../domain/rows.ts';
import type { Database } from '../store/database.ts';
import { claimsOf, deliveriesOf, MOST } from './story.ts';

/** A dispatch of the same chain, and the delivery that links it with this one. */
export interface ChainLink {
  readonly dispatch: DispatchRow;
  readonly deliveryId: string;
}

/** Everything the read models know of what one run led to. */
export interface DispatchStory {
  readonly dispatch: DispatchRow;
  /** As they were decided; those that no decision named (yet) last. */
  readonly targets: readonly DispatchTargetRow[];
  /** Of the event, those to HTTP endpoints too, in the order of their ids. */
  readonly deliveries: readonly DeliveryRow[];
  /** By delivery. */
  readonly claims: ReadonlyMap<string, ClaimRow>;
  readonly report: DispatchReportRow | undefined;
  /** The dispatch that started the run; undefined when none is known. */
  readonly parent: ChainLink | undefined;
  /** What the runs that this one started led to in turn. */
  readonly children: readonly ChainLink[];
  /** False when there is more than this answer holds. */
  readonly isComplete: boolean;
}

export async function dispatchStory(database: Database, eventId: string): Promise<DispatchStory | undefined> {
  const { db } = database;
  const dispatch = await db.selectFrom('dispatch').selectAll().where('event_id', '=', eventId).executeTakeFirst();
  if (dispatch === undefined) return undefined;
  const targets = await targetsOf(database, eventId);
  const deliveries = await deliveriesOf(database, eventId);
  const children = await childrenOf(database, dispatch, targets);
  return {
    dispatch,
    targets: targets.toSorted((left, right) => (left.ordinal ?? MOST) - (right.ordinal ?? MOST)),
    deliveries,
    claims: await claimsOf(database, deliveries),
    report: await db.selectFrom('dispatch_report').selectAll().where('event_id', '=', eventId).executeTakeFirst(),
    parent: await parentOf(database, dispatch),
    children,
    isComplete: targets.length < MOST && deliveries.length < MOST && children.length < MOST,
  };
}

const targetsOf = ({ db }: Database, eventId: string): Promise<DispatchTargetRow[]> =>
  db.selectFrom('dispatch_target').selectAll().where('event_id', '=', eventId).orderBy('delivery_id').limit(MOST).execute();

/** Ids of runs are those of one host, so what has the same id must be of the same chain too. */
async function parentOf({ db }: Database, { run_id: runId, chain_id: chainId }: DispatchRow): Promise<ChainLink | undefined> {
  const starters = await db.selectFrom('dispatch_target').selectAll().where('run_id', '=', runId).orderBy('event_id').limit(MOST).execute();
  for (const { event_id: eventId, delivery_id: deliveryId } of starters) {
    const dispatch = await db.selectFrom('dispatch').selectAll().where('event_id', '=', eventId).executeTakeFirst();
    if (dispatch?.chain_id === chainId) return { dispatch, deliveryId };
  }
  return undefined;
}

async function childrenOf(
  { db }: Database,
  { chain_id: chainId }: DispatchRow,
  targets: readonly DispatchTargetRow[],
): Promise<ChainLink[]> {
  const starters = new Map(targets.flatMap(({ run_id: runId, delivery_id: id }) => (runId === null ? [] : [[runId, id] as const])));
  if (starters.size === 0) return [];
  const runs = [...starters.keys()];
  const found = await db.selectFrom('dispatch').selectAll().where('run_id', 'in', runs).limit(MOST).execute();
  const ofChain = found.filter((row) => row.chain_id === chainId).toSorted((left, right) => left.at - right.at);
  return ofChain.map((dispatch) => ({ dispatch, deliveryId: starters.get(dispatch.run_id) ?? '' }));
}

/** What is told of a run's dispatches beside its event; undefined for events of other types, which cost no statement. */
export async function dispatchOf({ db }: Database, { id, event_type: eventType }: EventRow): Promise<DispatchRow | undefined> {
  if (eventType !== RUN_COMPLETED_TYPE) return undefined;
  return db.selectFrom('dispatch').selectAll().where('event_id', '=', id).executeTakeFirst();
}

/** The dispatches among deliveries, by delivery. No statement is run when there is none. */
export async function dispatchedOf({ db }: Database, deliveries: readonly DeliveryRow[]): Promise<Map<string, DispatchTargetRow>> {
  const dispatched = deliveries.filter(({ endpoint_id: id }) => id.startsWith('github:'));
  if (dispatched.length === 0) return new Map();
  const rows = await db
    .selectFrom('dispatch_target')
    .selectAll()
    .where('event_id', 'in', [...new Set(dispatched.map(({ event_id: id }) => id))])
    .where(
      'delivery_id',
      'in',
      dispatched.map(({ id }) => id),
    )
    .execute();
  return new Map(rows.map((row) => [row.delivery_id, row]));
}
