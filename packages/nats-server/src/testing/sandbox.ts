import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { executablesOnPath } from '../executable-on-path.ts';
import type { FindOptions } from '../find.ts';
import { hostPlatform } from '../platform.ts';
import type { Search } from '../search.ts';

/** A folder of the test's own, removed when it ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-nats-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes an executable shell script and returns its path. */
export function script(folder: string, name: string, body: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}

/** The shell text of a nats-server that knows its version and nothing else. */
export const printsVersion = (version: string): string => `echo "nats-server: v${version}"`;

/** A program that passes for a nats-server as far as the search looks. */
export const fakeServer = (folder: string, version: string): string => script(folder, 'nats-server', printsVersion(version));

/** A machine as the search sees it: an empty PATH folder, cache and apt folder, and short budgets. */
export interface Sandbox {
  readonly bin: string;
  readonly cacheDir: string;
  readonly aptDir: string;
  readonly options: FindOptions & { readonly env: Record<string, string>; readonly budgets: Search['budgets'] };
  readonly search: Search;
  /** What the search reported so far. */
  readonly told: string[];
  /** Puts real programs of this machine into the sandbox's PATH. */
  withTools(...names: string[]): Promise<void>;
}

const budgets = {
  versionCheckMs: 5_000,
  connectMs: 300,
  stallMs: 300,
  downloadMs: 5_000,
  debianMs: 5_000,
  goProbeMs: 5_000,
  goBuildMs: 5_000,
};

async function link(name: string, folder: string): Promise<void> {
  const [found] = await executablesOnPath(name, { env: process.env, platform: hostPlatform() });
  if (found === undefined) throw new Error(`this test needs ${name} on PATH`);
  symlinkSync(found, join(folder, name));
}

/** Opens a sandbox; `env` is added to its PATH. */
export function openSandbox(env: Record<string, string> = {}): Sandbox {
  const root = temporaryFolder();
  const [bin, cacheDir, aptDir] = [join(root, 'bin'), join(root, 'cache'), join(root, 'apt')];
  for (const folder of [bin, aptDir]) mkdirSync(folder);
  const told: string[] = [];
  const common = { env: { PATH: bin, ...env }, cacheDir, aptDir, budgets, platform: { os: 'linux', arch: 'amd64' } };
  const search = { ...common, signal: new AbortController().signal, report: (text: string) => void told.push(text) };
  const withTools = async (...names: string[]): Promise<void> => void (await Promise.all(names.map((name) => link(name, bin))));
  return { bin, cacheDir, aptDir, search, told, options: common, withTools };
}
