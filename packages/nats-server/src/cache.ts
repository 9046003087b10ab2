import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { executableName, platformLabel } from './platform.ts';
import { missed, type Search, type WayResult } from './search.ts';
import { checkBinary } from './version.ts';

const stagingPrefix = 'tmp-';
const staleStagingMs = 3_600_000;

/** Where fetched binaries are kept: `$WAYBILL_CACHE`, else `$XDG_CACHE_HOME/waybill`, else `~/.cache/waybill`. */
export function defaultCacheDir(env: Search['env']): string {
  if (env['WAYBILL_CACHE']) return env['WAYBILL_CACHE'];
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'waybill');
}

/** The one place of the cached binary of a platform; whichever way fetched it, it ends up here. */
export const cachedBinary = ({ cacheDir, platform }: Pick<Search, 'cacheDir' | 'platform'>): string =>
  join(cacheDir, 'nats-server', platformLabel(platform), executableName('nats-server', platform));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Removes what searches left behind that were killed; younger folders may belong to a search that still runs. */
async function sweepStaging(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(stagingPrefix));
  for (const name of names) {
    const path = join(folder, name);
    const entry = await stat(path).catch(() => undefined);
    if (entry !== undefined && Date.now() - entry.mtimeMs > staleStagingMs) await rm(path, { recursive: true, force: true });
  }
}

async function openStaging(search: Search): Promise<string> {
  const folder = dirname(cachedBinary(search));
  await mkdir(folder, { recursive: true });
  await sweepStaging(folder);
  return mkdtemp(join(folder, stagingPrefix));
}

/**
 * Lets `work` build a binary in a folder of its own inside the cache, which is removed afterwards in any case.
 * The folder is on the cache's file system, so that `adopt` can rename out of it. Any failure becomes the reason.
 */
export async function inStaging(search: Search, work: (folder: string) => Promise<WayResult>): Promise<WayResult> {
  let folder: string;
  try {
    folder = await openStaging(search);
  } catch (error) {
    return missed(`the cache folder cannot be written: ${messageOf(error)}`);
  }
  try {
    return await work(folder);
  } catch (error) {
    return missed(messageOf(error));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Moves a freshly fetched binary into the cache, once it has proved its version. Atomic: two searches at once cannot disturb each other. */
export async function adopt(search: Search, fetched: string): Promise<WayResult> {
  const isThere = await chmod(fetched, 0o755).then(
    () => true,
    () => false,
  );
  if (!isThere) return missed('what was fetched holds no nats-server');
  const check = await checkBinary(fetched, search);
  if (check.kind === 'unusable') return missed(check.reason);
  const binary = cachedBinary(search);
  await rename(fetched, binary);
  return { kind: 'found', binary, version: check.version };
}
