import { rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { apiOf, runningStack } from '../client/api.ts';
import { regionsSchema, regionsTable } from '../client/regions.ts';
import { dataPaths } from '../stack/layout.ts';
import { signal } from '../stack/processes.ts';
import type { RunningRegion } from '../stack/run-file.ts';
import { print, tell } from '../terminal/print.ts';
import { dataOption } from './options.ts';
import { addRegionsAdd } from './regions-add.ts';
import { addRegionsLint } from './regions-lint.ts';
import { addRegionsRelink } from './regions-relink.ts';

const REFRESH_MS = 1_000;
const CLEAR = '\u001B[2J\u001B[H';

/** `waybill regions`: a live table of the regions, and what can be done to them. */
export function regionsCommand(program: Command): void {
  const regions = program
    .command('regions')
    .description('a live table of the regions: state, lease, load, lag of replication; Ctrl-C ends it')
    .addOption(dataOption())
    .option('--once', 'print it once and end; also when the output is not a terminal')
    .option('--json', 'print the API answer as it is, once')
    .enablePositionalOptions()
    .action((options: { data: string; once?: boolean; json?: boolean }) => show(options));
  regions
    .command('kill')
    .description('kill -9 every process of a region of the local stack, and keep it down')
    .argument('<region>')
    .addOption(dataOption())
    .action((id: string, options: { data: string }) => kill(options.data, id));
  regions
    .command('revive')
    .description('let a region that was killed start again')
    .argument('<region>')
    .addOption(dataOption())
    .action((id: string, options: { data: string }) => revive(options.data, id));
  addRegionsAdd(regions);
  addRegionsRelink(regions);
  addRegionsLint(regions);
}

async function show(options: { data: string; once?: boolean; json?: boolean }): Promise<void> {
  const read = async (): Promise<unknown> => apiOf(options.data, process.env).get('/v1/regions');
  if (options.json === true) return print(JSON.stringify(await read(), null, 2));
  if (options.once === true || !process.stdout.isTTY) return printTable(await read());
  for (;;) {
    const answer = await read().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    process.stdout.write(CLEAR);
    if (typeof answer === 'string') print(answer);
    else printTable(answer);
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
}

function printTable(answer: unknown): void {
  for (const line of regionsTable(regionsSchema.parse(answer))) print(line);
}

function regionOf(dataDir: string, id: string): RunningRegion {
  const { regions } = runningStack(dataDir);
  const found = regions.find((region) => region.id === id);
  if (found === undefined) throw new Error(`this stack has no region "${id}"; it has ${regions.map((region) => region.id).join(', ')}`);
  return found;
}

function kill(dataDir: string, id: string): void {
  const { pids } = regionOf(dataDir, id);
  // First the note, so that the supervisor does not start again what dies.
  writeFileSync(dataPaths(dataDir).held(id), `${new Date().toISOString()}\n`);
  for (const pid of Object.values(pids)) signal(pid, 'SIGKILL');
  tell(`killed ${Object.keys(pids).join(', ')} of ${id}; it stays down until "npx waybill regions revive ${id}"`);
}

function revive(dataDir: string, id: string): void {
  regionOf(dataDir, id);
  rmSync(dataPaths(dataDir).held(id), { force: true });
  tell(`${id} is started again; watch it with "npx waybill regions"`);
}
