import { EVENT_SCHEMA } from '@waybill/contracts';
import { GRAIN_MS, type SchemaCountRow, type SchemaVerdict } from './rollup-rows.ts';
import type { EventRow } from './rows.ts';
import type { Before, WorkingSet } from './working-set.ts';

const VERDICTS: Readonly<Record<string, SchemaVerdict>> = {
  drop_incompatible: 'drop_incompatible',
  reader_too_old: 'reader_too_old',
  poison: 'poison',
};

type CountedEvent = Pick<EventRow, 'at' | 'event_type' | 'version' | 'state' | 'verdict'>;

interface Judged {
  readonly day: number;
  readonly eventType: string;
  readonly version: number;
  readonly verdict: SchemaVerdict;
}

/** What is known of an event's version and what was made of it; undefined while its version is not known. */
function judged({ at, event_type: eventType, version, state, verdict }: CountedEvent): Judged | undefined {
  if (version === null) return undefined;
  const refused = state === 'refused' ? VERDICTS[verdict ?? ''] : undefined;
  const ms = Math.max(at, 0);
  return { day: ms - (ms % GRAIN_MS.day), eventType, version, verdict: refused ?? 'accepted' };
}

/** Adds up which versions events had and what became of them. */
export class SchemaTally {
  readonly #counts = new Map<string, { readonly of: Judged; value: number }>();

  add(row: CountedEvent, value: number): void {
    const of = judged(row);
    if (of === undefined) return;
    const key = `${of.day} ${of.version} ${of.verdict} ${of.eventType}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { of, value });
    else known.value += value;
  }

  changes(): SchemaCountRow[] {
    const rows = new Map<string, SchemaCountRow>();
    for (const { of, value } of this.#counts.values()) {
      for (const row of rowsOf(of)) {
        const key = `${row.day} ${row.version} ${row.verdict} ${row.event_type}`;
        rows.set(key, { ...row, value: value + (rows.get(key)?.value ?? 0) });
      }
    }
    return [...rows.values()].filter(({ value }) => value !== 0);
  }
}

type Key = Omit<SchemaCountRow, 'value'>;

/**
 * Each day and ever, each type and all. What was accepted is counted too as what would be refused by each later `minCompatible` up to the next version. A
 * release with a newer version has counts of its own only from then on, until the read models are built again.
 */
function rowsOf({ day, eventType, version, verdict }: Judged): Key[] {
  const types = eventType === '' ? [''] : ['', eventType];
  const places = types.flatMap((event_type) => [...new Set([0, day])].map((of) => ({ day: of, event_type })));
  const own: Key[] = places.map((place) => ({ ...place, version, verdict }));
  if (verdict !== 'accepted') return own;
  const next = EVENT_SCHEMA.version + 1;
  const tried = Array.from({ length: next }, (_, index) => index + 1).filter((minCompatible) => minCompatible > version);
  return [
    ...own,
    ...tried.flatMap((minCompatible) => places.map((place): Key => ({ ...place, version: minCompatible, verdict: 'would_refuse' }))),
  ];
}

/** The changes of the counts that follow from what became of events in a batch. */
export function schemaCountsOf(before: Before, after: WorkingSet): SchemaCountRow[] {
  const tally = new SchemaTally();
  for (const row of after.events.values()) {
    const was = before.events.get(row.id);
    if (was !== undefined && isJudgedAlike(was, row)) continue;
    if (was !== undefined) tally.add(was, -1);
    tally.add(row, 1);
  }
  return tally.changes();
}

const isJudgedAlike = (left: EventRow, right: EventRow): boolean =>
  left.version === right.version &&
  left.verdict === right.verdict &&
  left.state === right.state &&
  left.event_type === right.event_type &&
  left.at === right.at;
