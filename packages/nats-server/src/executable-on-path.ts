import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { executableName } from './platform.ts';
import type { Search } from './search.ts';

/** The folders of PATH, in order; an empty entry is left out, since it would mean the current folder. */
export const pathFolders = (env: Search['env']): string[] =>
  (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Every executable of this name on PATH, first come first. */
export async function executablesOnPath(name: string, search: Pick<Search, 'env' | 'platform'>): Promise<string[]> {
  const candidates = pathFolders(search.env).map((folder) => join(folder, executableName(name, search.platform)));
  const verdicts = await Promise.all(candidates.map(isExecutable));
  return candidates.filter((_, index) => verdicts[index]);
}
