import { useInfiniteQuery } from '@tanstack/react-query';
import { get, pathOf } from '../../api/client.ts';

/** What became of events of one version, in the order in which a table shows it. */
export const VERDICTS = ['accepted', 'drop_incompatible', 'reader_too_old', 'poison'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A count of events. `eventType` '' stands for all types. */
export interface SchemaCount {
  readonly eventType: string;
  readonly version: number;
  readonly verdict: Verdict;
  readonly count: number;
}

/** How many of the accepted events a higher `minCompatible` would have refused. */
export interface WhatIf {
  readonly eventType: string;
  readonly minCompatible: number;
  readonly refused: number;
}

interface SchemaPage {
  readonly data: readonly SchemaCount[];
  readonly whatIf: readonly WhatIf[];
  readonly done: boolean;
  readonly iterator: string | null;
}

/** Counts by type, version and verdict, of one day of UTC (`2026-11-21`) or ever. */
export function useSchemas(day: string | undefined) {
  const query = useInfiniteQuery({
    queryKey: ['schemas', day ?? ''],
    queryFn: ({ pageParam, signal }) => get<SchemaPage>(pathOf('/v1/schemas', { day, iterator: pageParam }), signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: SchemaPage) => (last.done ? undefined : (last.iterator ?? undefined)),
  });
  const pages = query.data?.pages ?? [];
  return { query, counts: pages.flatMap(({ data }) => data), whatIf: pages.flatMap((page) => page.whatIf) };
}

/** One row of the table: a type and a version with its counts by verdict. */
export interface VersionRow {
  readonly eventType: string;
  readonly version: number;
  readonly counts: Readonly<Partial<Record<Verdict, number>>>;
}

/** The counts as rows: all types first, then by type, the newest version first. */
export function rowsOf(counts: readonly SchemaCount[]): readonly VersionRow[] {
  const rows = new Map<string, { eventType: string; version: number; counts: Partial<Record<Verdict, number>> }>();
  for (const { eventType, version, verdict, count } of counts) {
    const key = `${version} ${eventType}`;
    const row = rows.get(key) ?? { eventType, version, counts: {} };
    row.counts[verdict] = count;
    rows.set(key, row);
  }
  return [...rows.values()].toSorted((left, right) =>
    left.eventType === right.eventType ? right.version - left.version : left.eventType < right.eventType ? -1 : 1,
  );
}

/** The share of events that could be read, as text; a dash when there were none. Never 100 % while one could not. */
export function compatibilityText(rows: readonly VersionRow[]): string {
  let accepted = 0;
  let all = 0;
  for (const { counts } of rows) {
    accepted += counts.accepted ?? 0;
    for (const verdict of VERDICTS) all += counts[verdict] ?? 0;
  }
  if (all === 0) return '–';
  return `${Math.floor((accepted / all) * 100_000 + 1e-6) / 1_000} %`;
}

/** What would be refused, by type, and the versions that were tried. */
export interface Trial {
  readonly tried: readonly number[];
  readonly types: readonly { readonly eventType: string; readonly refused: ReadonlyMap<number, number> }[];
}

export function trialOf(whatIf: readonly WhatIf[]): Trial {
  const types = new Map<string, Map<number, number>>();
  for (const { eventType, minCompatible, refused } of whatIf) {
    const ofType = types.get(eventType) ?? new Map<number, number>();
    ofType.set(minCompatible, refused);
    types.set(eventType, ofType);
  }
  const tried = [...new Set(whatIf.map(({ minCompatible }) => minCompatible))].toSorted((left, right) => left - right);
  return {
    tried,
    types: [...types]
      .map(([eventType, refused]) => ({ eventType, refused }))
      .toSorted((left, right) => (left.eventType < right.eventType ? -1 : 1)),
  };
}
