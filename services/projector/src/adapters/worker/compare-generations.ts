import { setTimeout as delay } from 'node:timers/promises';
import { FatalError } from '../../application/keep-following.ts';
import type { BuildProgress, Comparison } from '../../application/rebuild/build-state.ts';
import { REGISTRY_STREAM } from '../nats/registry-entries.ts';
import { compareStores } from '../queries/compare.ts';
import { checkpoints } from '../queries/totals.ts';
import { type Database, openDatabase, type StoreLocation } from '../store/database.ts';
import { inSnapshot } from '../store/snapshot.ts';
import { RETRY_MS } from './following.ts';

/** The last sequence of each stream that read models know. */
export type Positions = Readonly<Record<string, number>>;

/** What reads the generation that is compared. */
export interface ComparedBuild {
  readTo(positions: Positions, signal: AbortSignal): Promise<void>;
  tell(phase: BuildProgress['phase'], detail?: string): void;
}

/**
 * Compares what was built with what serves, at the same place of the log: each batch moves its checkpoint with its rows, so a snapshot of the serving
 * generation says exactly what it knows, and the build reads to there. The serving projection goes on meanwhile.
 */
export async function compareWithServing(
  built: Database,
  serving: StoreLocation,
  build: ComparedBuild,
  signal: AbortSignal,
): Promise<Comparison> {
  const other = openDatabase(serving, { readOnly: true, connections: 1 });
  try {
    await build.readTo(await positionsOf(other), signal);
    for (;;) {
      const comparison = await inSnapshot(other, (snapshot) => compareAtSnapshot(built, snapshot, build, signal));
      if (comparison !== undefined) return comparison;
      await delay(RETRY_MS, undefined, { signal });
    }
  } finally {
    await other.close();
  }
}

/** Undefined when the registry has changed, which is read to its present end only: then the two are not at the same place. */
async function compareAtSnapshot(
  built: Database,
  snapshot: Database,
  build: ComparedBuild,
  signal: AbortSignal,
): Promise<Comparison | undefined> {
  const positions = await positionsOf(snapshot);
  await build.readTo(positions, signal);
  const reached = await positionsOf(built);
  if (reached[REGISTRY_STREAM] !== positions[REGISTRY_STREAM]) return undefined;
  await refuseOtherStreams(built, snapshot);
  return compareStores({ built, serving: snapshot }, (table) => build.tell('comparing', table));
}

/** Sequences of a stream that was made anew say nothing about those of the one before. */
async function refuseOtherStreams(built: Database, snapshot: Database): Promise<void> {
  const created = new Map((await checkpoints(built)).map((row) => [row.stream, row.stream_created]));
  for (const { stream, stream_created: was } of await checkpoints(snapshot)) {
    const is = created.get(stream) ?? null;
    if (is !== null && was !== null && is !== was)
      throw new FatalError(`${stream} was made anew at ${is}: what serves is of the one before`);
  }
}

async function positionsOf(database: Database): Promise<Positions> {
  return Object.fromEntries((await checkpoints(database)).map(({ stream, seq }) => [stream, seq]));
}
