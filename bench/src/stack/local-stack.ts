import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePortBlock } from './ports.ts';
import { readRunState, type RunningRegion } from './run-state.ts';

/** The repository's root folder. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const CLI = join(REPOSITORY, 'apps/waybill/dist/main.js');
const PORTS = 10;

export interface StackWishes {
  /** Absent: a temporary folder, removed at the end. */
  readonly dataDir?: string | undefined;
  /** Added to the environment of the stack, and so to that of every service. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A whole local stack that somebody else's command started and stops. */
export interface LocalStack {
  readonly dataDir: string;
  /** As `run.json` says now: pids change when processes are restarted. */
  region(): RunningRegion;
  /** Runs another command of the CLI on this stack's data folder. */
  command(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<void>;
  /** Drains, stops, and removes the data folder if it was made for this. */
  stop(): Promise<void>;
}

/** Starts a stack on free ports with the command that users have; resolves when everything is ready. Throws with what the command said. */
export async function startStack({ dataDir, env = {} }: StackWishes = {}): Promise<LocalStack> {
  if (!existsSync(CLI)) throw new Error('the stack is not built: run "npm run build" first');
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'waybill-bench-'));
  const port = await freePortBlock(PORTS);
  await runCli(['up', '--detach', '--data', folder, '--port', String(port)], env);
  return {
    dataDir: folder,
    region: () => readRunState(folder),
    command: (args, more = {}) => runCli([...args, '--data', folder], { ...env, ...more }),
    stop: async () => {
      await runCli(['stop', '--data', folder], {});
      if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function runCli(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`"waybill ${args.join(' ')}" ended with ${code ?? 'a signal'}:\n${said.join('').slice(-4_000)}`);
}
