import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive } from './processes.ts';

/** Somebody else runs on this data folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** Takes the data folder for this process; a lock whose process is gone is taken over. Returns how to give it back. */
export function lockFolder(path: string): () => void {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const holder = Number(readFileSync(path, 'utf8'));
    if (holder !== process.pid && isAlive(holder)) throw new FolderInUse(`a stack runs on this folder already (pid ${holder})`);
    rmSync(path, { force: true });
    return lockFolder(path);
  }
  return () => rmSync(path, { force: true });
}
