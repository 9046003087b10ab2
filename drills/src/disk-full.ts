import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FullDrill, runFull } from './run-full.ts';
import type { DrillResult } from './result.ts';
import type { RigOptions } from './rig.ts';

const REGION = 'us-central1';
const SMALL = '24m';
const LARGE = '1g';

/** Where the local stack keeps what nats-server stores. */
const storeOf = (dataDir: string): string => join(dataDir, REGION, 'nats');

/** Puts a small file system where nats-server will store. Throws when this user may not mount. */
function mountSmall(dataDir: string): () => void {
  const store = storeOf(dataDir);
  mkdirSync(store, { recursive: true });
  mount(['-t', 'tmpfs', '-o', `size=${SMALL}`, 'tmpfs', store]);
  return () => {
    execFileSync('umount', [store], { stdio: 'pipe' });
  };
}

const mount = (args: readonly string[]): unknown => execFileSync('mount', [...args], { stdio: 'pipe' });

const drill = (options: RigOptions): FullDrill => ({
  name: 'disk-full',
  rig: { ...options, prepare: mountSmall, env: { REGION } },
  giveRoom: async ({ stack }) => {
    mount(['-o', `remount,size=${LARGE}`, storeOf(stack.dataDir)]);
  },
});

/** The disk of nats-server runs full and grows. Needs a user who may mount; otherwise it says why it is skipped and resolves with undefined. */
export async function diskFull(options: RigOptions): Promise<DrillResult | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.error('SKIPPED: disk-full mounts a small file system, which only root on Linux may do. stream-full needs no rights.');
    return undefined;
  }
  return runFull(drill(options));
}
