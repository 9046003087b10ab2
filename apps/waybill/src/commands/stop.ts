import type { Command } from 'commander';
import { dataPaths } from '../stack/layout.ts';
import { allGone, isAlive, signal } from '../stack/processes.ts';
import { isRunning, pidsOf, readRunFile } from '../stack/run-file.ts';
import { tell } from '../terminal/print.ts';
import { dataOption } from './options.ts';

const STOP_BUDGET_MS = 120_000;

/** `waybill stop`: drains the stack on a data folder. */
export function stopCommand(program: Command): void {
  program
    .command('stop')
    .description('drain and stop the stack that runs on the data folder')
    .addOption(dataOption())
    .action((options: { data: string }) => stopStack(options.data));
}

/** Asks the supervisor to drain and waits until all its processes are gone. Nothing running is not an error. */
export async function stopStack(dataDir: string): Promise<void> {
  const state = readRunFile(dataPaths(dataDir).run);
  if (!isRunning(state)) return tell(`no stack runs on ${dataDir}`);
  const pids = [state.pid, ...pidsOf(state)];
  tell(`stopping pid ${state.pid} …`);
  signal(state.pid, 'SIGTERM');
  if (!(await allGone(pids, STOP_BUDGET_MS)))
    throw new Error(`still running: ${pids.filter(isAlive).join(', ')}; see ${dataPaths(dataDir).logs}`);
  tell('stopped');
}
