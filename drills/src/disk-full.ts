import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalStack } from '@waybill/bench';
import type { DrillResult } from './result.ts';
import type { RigOptions } from './rig.ts';
import { type FullDrill, runFull } from './run-full.ts';

const REGION = 'us-central1';
const DISK = '64m';
/** What is left for nats-server once somebody else has filled the disk. */
const LEFT_BYTES = 6_000_000;

/** Where the local stack keeps what nats-server stores. */
const storeOf = (dataDir: string): string => join(dataDir, REGION, 'nats');
const ballastOf = (dataDir: string): string => join(storeOf(dataDir), 'ballast');

/** Puts a small file system where nats-server will store. Throws when this user may not mount. */
function mountSmall(dataDir: string): () => void {
  const store = storeOf(dataDir);
  mkdirSync(store, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', store], { stdio: 'pipe' });
  return () => {
    execFileSync('umount', [store], { stdio: 'pipe' });
  };
}

/**
 * Fills the disk but for a little, after nats-server has started: it looks at the free space once, when it starts, and keeps below 3/4 of that
 * by itself. A disk that somebody else fills is what it cannot foresee.
 */
function fill(dataDir: string): void {
  const { bavail, bsize } = statfsSync(storeOf(dataDir));
  writeFileSync(ballastOf(dataDir), Buffer.alloc(bavail * bsize - LEFT_BYTES));
}

/** After a write error nats-server 2.15 keeps a stream shut until it is restarted, whatever room there is: that is the operator's step. */
function restartNats(stack: LocalStack): void {
  const pid = stack.region().pids['nats'];
  if (pid !== undefined) process.kill(pid, 'SIGTERM');
}

const drill = (options: RigOptions): FullDrill => ({
  name: 'disk-full',
  rig: { ...options, prepare: mountSmall, env: { REGION } },
  beforeLoad: ({ stack }) => fill(stack.dataDir),
  giveRoom: async ({ stack }) => {
    rmSync(ballastOf(stack.dataDir));
    restartNats(stack);
  },
});

/** The disk of nats-server runs full and gets room. Needs a user who may mount; otherwise it says why it is skipped and resolves with undefined. */
export async function diskFull(options: RigOptions): Promise<DrillResult | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.error('SKIPPED: disk-full mounts a small file system, which only root on Linux may do. stream-full needs no rights.');
    return undefined;
  }
  return runFull(drill(options));
}
