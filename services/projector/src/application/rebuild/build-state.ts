/** What a build is doing. `indexing`: making the indexes that lists need, after the load. */
export type BuildPhase = 'waiting' | 'reading' | 'indexing' | 'comparing';

/** How far a build has come. `read` and `total` count facts; `total` grows while the log does. */
export interface BuildProgress {
  readonly phase: BuildPhase;
  readonly read: number;
  readonly total: number;
  /** What is waited for, or which index or table is at work. */
  readonly detail?: string;
}

/** How one table of the serving generation differs from what the log gives. `ids` are the first of those rows, at most 20. */
export interface TableDifference {
  readonly table: string;
  /** Rows that were compared. */
  readonly rows: number;
  /** Rows that the log gives and the read models lack. */
  readonly missing: number;
  /** Rows that the read models have and the log does not give. */
  readonly extra: number;
  readonly different: number;
  readonly ids: readonly string[];
}

/** What came of a comparison. `sinceMs`: only events from then on were compared, because the log has lost what was before; null: everything was. */
export interface Comparison {
  readonly rows: number;
  readonly sinceMs: number | null;
  readonly differences: readonly TableDifference[];
}

/** What a build ends with. `completeSinceMs`: the log had lost what was before; null: it was read from its very beginning. */
export interface Built {
  readonly facts: number;
  readonly completeSinceMs: number | null;
  readonly comparison: Comparison | null;
}
