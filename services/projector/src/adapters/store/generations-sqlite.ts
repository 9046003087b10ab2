import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Generations, Ledger } from '../../application/rebuild/ledger.ts';
import { FIRST_LEDGER, ledgerSchema } from './ledger-line.ts';

/** Files that SQLite keeps beside a database. */
const BESIDE = ['-wal', '-shm', '-journal'];

/** The file of a generation; generation 0 has the name of the time before there were generations. */
export const generationFile = (folder: string, region: string, generation: number): string =>
  join(folder, generation === 0 ? `read-models.${region}.sqlite` : `read-models.${region}.${generation}.sqlite`);

/** Generations as files of a folder. What serves stands in one line of a file of its own, which is replaced as a whole. */
export function sqliteGenerations(folder: string, region: string): Generations {
  const pointer = join(folder, `read-models.${region}.generation`);
  const name = new RegExp(`^read-models\\.${region}\\.(?:(\\d+)\\.)?sqlite$`);
  return {
    ledger: async () => {
      const text = textOf(pointer);
      return text === undefined ? FIRST_LEDGER : ledgerSchema.parse(JSON.parse(text));
    },
    write: async (ledger) => replaceLine(pointer, ledger),
    present: async () => namesIn(folder).flatMap((file) => numberIn(name, file)),
    remove: async (generation) => {
      const file = generationFile(folder, region, generation);
      for (const suffix of ['', ...BESIDE]) rmSync(`${file}${suffix}`, { force: true });
    },
  };
}

/** Puts a file that cannot be read out of the way, with what belongs to it; returns its new name, undefined when there is no file. */
export function setAside(file: string, nowMs: number): string | undefined {
  const aside = `${file}.broken-${new Date(nowMs).toISOString().replaceAll(':', '-')}`;
  const moved = ['', ...BESIDE].filter((suffix) => renamed(`${file}${suffix}`, `${aside}${suffix}`));
  return moved.includes('') ? aside : undefined;
}

function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Makes sure that a file which was written without waiting for the disk has reached it. */
export function flushToDisk(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function replaceLine(pointer: string, ledger: Ledger): void {
  const folder = join(pointer, '..');
  mkdirSync(folder, { recursive: true });
  const next = `${pointer}.next`;
  const handle = openSync(next, 'w');
  try {
    writeSync(handle, `${JSON.stringify(ledger)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, pointer);
  flushToDisk(folder);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function numberIn(name: RegExp, file: string): number[] {
  const match = name.exec(file);
  return match === null ? [] : [Number(match[1] ?? 0)];
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
