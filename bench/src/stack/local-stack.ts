import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePortBlock } from './ports.ts';
import { readRunState, type RunningRegion, type RunningStack } from './run-state.ts';

/** The repository's root folder. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const CLI = join(REPOSITORY, 'apps/waybill/dist/main.js');
/** What is measured or broken tells no spans unless somebody says so, with "false". */
const UNTRACED = { OTEL_SDK_DISABLED: 'true' };
const DEFAULT_REGIONS = ['us-central1'];
const PORTS_PER_REGION = 10;
/** The hub's three servers take their ports from the blocks of the first three regions, and the canary of several regions from the fourth. */
const BLOCKS_WITH_HUB = 3;

export interface StackWishes {
  /** Absent: a temporary folder, removed at the end. */
  readonly dataDir?: string | undefined;
  /** Ids; one region unless said otherwise. */
  readonly regions?: readonly string[];
  /** Whether a canary watches the regions. */
  readonly canary?: boolean | undefined;
  /** Called with the first port before anything starts. */
  readonly beforeStart?: (basePort: number) => Promise<void>;
  /** Added to the environment of the stack, and so to that of every service. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A whole local stack that somebody else's command started and stops. */
export interface LocalStack {
  readonly dataDir: string;
  /** The first region as `run.json` says now: pids change when processes are restarted. */
  region(): RunningRegion;
  /** All of it, as `run.json` says now. */
  state(): RunningStack;
  /** Runs another command of the CLI on this stack's data folder. */
  command(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<void>;
  /** Stops everything and starts it again on the same data and ports, with this environment. */
  restart(env: Readonly<Record<string, string>>): Promise<void>;
  /** Drains, stops, and removes the data folder if it was made for this. */
  stop(): Promise<void>;
}

/** Starts a stack on free ports with the command that users have; resolves when everything is ready. Throws with what the command said. */
export async function startStack(wishes: StackWishes = {}): Promise<LocalStack> {
  if (!existsSync(CLI)) throw new Error('the stack is not built: run "npm run build" first');
  const { dataDir, env = {}, regions = DEFAULT_REGIONS, canary = false, beforeStart } = wishes;
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'waybill-bench-'));
  const blocks = regions.length === 1 ? 1 : Math.max(regions.length, BLOCKS_WITH_HUB + (canary ? 1 : 0));
  const port = await freePortBlock(blocks * PORTS_PER_REGION);
  await beforeStart?.(port);
  const up = ['up', '--detach', '--data', folder, '--port', String(port), '--regions', regions.join(','), ...(canary ? ['--canary'] : [])];
  await runCli(up, env);
  return {
    dataDir: folder,
    region: () => firstOf(readRunState(folder)),
    state: () => readRunState(folder),
    command: (args, more = {}) => runCli([...args, '--data', folder], { ...env, ...more }),
    restart: async (changed) => {
      await runCli(['stop', '--data', folder], {});
      await runCli(up, changed);
    },
    stop: async () => {
      await runCli(['stop', '--data', folder], {});
      if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function firstOf({ regions }: RunningStack): RunningRegion {
  const [first] = regions;
  if (first === undefined) throw new Error('the stack has no region');
  return first;
}

async function runCli(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...UNTRACED, ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`"waybill ${args.join(' ')}" ended with ${code ?? 'a signal'}:\n${said.join('').slice(-4_000)}`);
}
