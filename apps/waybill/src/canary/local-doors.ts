import { runningStack } from '../client/api.ts';
import { dataPaths } from '../stack/layout.ts';
import { readRunFile } from '../stack/run-file.ts';
import type { Door } from './rounds.ts';

/**
 * The doors of the stack that runs on a data folder, read again each time: regions may join. While the stack is away they stay those that were seen last. Throws at
 * first when no stack runs.
 */
export function localDoors(dataDir: string): () => readonly Door[] {
  let seen = runningStack(dataDir);
  return () => {
    seen = readRunFile(dataPaths(dataDir).run) ?? seen;
    return seen.regions.map(({ id, url }) => ({ region: id, url }));
  };
}
