import { defaultCacheDir } from './cache.ts';
import { type FailedWay, NatsServerNotFound, NatsServerRefused } from './not-found.ts';
import { hostPlatform, type Platform } from './platform.ts';
import type { Search, SearchBudgets, SearchProgress, Way, WayName } from './search.ts';
import { fromCache } from './ways/from-cache.ts';
import { fromDebian } from './ways/from-debian.ts';
import { fromEnvironment } from './ways/from-environment.ts';
import { fromGo } from './ways/from-go.ts';
import { fromPath } from './ways/from-path.ts';
import { fromRelease } from './ways/from-release.ts';

/** All ways in the order they are tried: what is there already, then what is quick and verified, then what is slow. */
export const WAYS: readonly Way[] = [fromEnvironment, fromPath, fromCache, fromRelease, fromDebian, fromGo];

const defaultBudgets: SearchBudgets = {
  versionCheckMs: 10_000,
  connectMs: 5_000,
  stallMs: 15_000,
  downloadMs: 180_000,
  debianMs: 90_000,
  goProbeMs: 30_000,
  goBuildMs: 300_000,
};

/** What may be set about a search; everything has a default that suits a normal start. */
export interface FindOptions {
  readonly env?: Search['env'];
  readonly cacheDir?: string;
  readonly platform?: Platform;
  readonly aptDir?: string;
  readonly budgets?: Partial<SearchBudgets>;
  /** Ends the search; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SearchProgress) => void;
  readonly ways?: readonly Way[];
}

/** A usable nats-server and how it was come by. */
export interface FoundNatsServer {
  readonly binary: string;
  readonly version: string;
  readonly way: WayName;
}

function searchFor(options: FindOptions, way: WayName): Search {
  const env = options.env ?? process.env;
  return {
    env,
    platform: options.platform ?? hostPlatform(),
    cacheDir: options.cacheDir ?? defaultCacheDir(env),
    aptDir: options.aptDir ?? '/etc/apt',
    budgets: { ...defaultBudgets, ...options.budgets },
    signal: options.signal ?? new AbortController().signal,
    report: (text, bytes) => options.onProgress?.({ way, text, ...bytes }),
  };
}

/**
 * Finds a nats-server of the minimum version or newer, fetching one into the cache if there is none; installs nothing.
 * Throws NatsServerRefused when NATS_SERVER_BIN is set but unusable, NatsServerNotFound when every way failed.
 * Several processes may search at the same time.
 */
export async function findNatsServer(options: FindOptions = {}): Promise<FoundNatsServer> {
  const failures: FailedWay[] = [];
  for (const { name, find } of options.ways ?? WAYS) {
    options.signal?.throwIfAborted();
    const result = await find(searchFor(options, name));
    if (result.kind === 'found') return { binary: result.binary, version: result.version, way: name };
    if (result.kind === 'refused') throw new NatsServerRefused(name, result.reason);
    failures.push({ way: name, reason: result.reason });
  }
  options.signal?.throwIfAborted();
  throw new NatsServerNotFound(failures);
}
