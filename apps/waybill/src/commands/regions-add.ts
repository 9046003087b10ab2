import type { Command } from 'commander';
import { runningStack } from '../client/api.ts';
import { readJoinProgress, writeJoinRequest } from '../stack/join-requests.ts';
import { dataPaths } from '../stack/layout.ts';
import { isAlive, signal } from '../stack/processes.ts';
import type { RunState } from '../stack/run-file.ts';
import { print, table, tell } from '../terminal/print.ts';
import { regionIds } from './local-regions.ts';
import { dataOption } from './options.ts';

interface AddOptions {
  readonly data: string;
  readonly deployment?: string;
  readonly out?: string;
}

/** `waybill regions add`: lets a region join the running ones. */
export function addRegionsAdd(parent: Command): void {
  parent
    .command('add')
    .description('let a region join the running stack, while the others go on; with --deployment: the steps for servers of your own')
    .argument('<region>', 'its id')
    .addOption(dataOption())
    .option('--deployment <file>', 'JSON file that describes all NATS servers, those of the new region among them')
    .option('--out <dir>', 'with --deployment: where the configuration files of the servers are written')
    .action((region: string, options: AddOptions) => add(region, options));
}

async function add(region: string, { data, deployment, out }: AddOptions): Promise<void> {
  const [id = '', ...more] = regionIds(region);
  if (more.length > 0) throw new Error(`one region at a time, not ${region}`);
  if (deployment === undefined) return joinStack(data, id);
  if (out === undefined) throw new Error('--deployment needs --out: the folder with the configuration files that the servers have now');
  const { readDeployment } = await import('../deployment/deployment-file.ts');
  const { writeServerConfigs } = await import('../deployment/server-configs.ts');
  const { joiningSteps } = await import('../deployment/config-steps.ts');
  const described = readDeployment(deployment);
  const known = described.regions.map((one) => one.id);
  if (!known.includes(id))
    throw new Error(`${deployment} does not describe ${id} yet, only ${known.join(', ')}; add its servers and passwords`);
  const written = writeServerConfigs(described, out);
  for (const line of table(written.map(({ file, place, server, change }) => [change, file, place, server]))) print(line);
  for (const line of ['', ...joiningSteps(written, id, deployment)]) print(line);
}

const REACTION_MS = 10_000;
const POLL_MS = 200;

async function joinStack(dataDir: string, region: string): Promise<void> {
  const state = runningStack(dataDir);
  refuseUnjoinable(dataDir, state, region);
  const { request } = writeJoinRequest(dataDir, region);
  signal(state.pid, 'SIGUSR2');
  const deadline = performance.now() + REACTION_MS;
  let told = 0;
  for (;;) {
    const progress = readJoinProgress(dataDir);
    const isMine = progress?.request === request;
    const lines = isMine ? progress.lines : [];
    const last = lines.at(-1) ?? '';
    const hasFailed = isMine && progress.outcome === 'failed';
    for (const line of lines.slice(told, hasFailed ? -1 : undefined)) tell(line);
    told = lines.length;
    if (isMine && progress.outcome === 'done') return printJoined(dataDir, region);
    if (hasFailed)
      throw new Error(`${last}\n  What runs goes on running. When that is mended, run the same command again: it goes on where it was.`);
    if (!isAlive(state.pid)) throw new Error(`the stack ended meanwhile; start it again ("npm start"), and run the same command again`);
    if (told === 0 && performance.now() > deadline)
      throw new Error(`the stack does not react; its log is ${dataPaths(dataDir).logs}/up.log, if it runs detached`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function refuseUnjoinable(dataDir: string, { pid, ready, regions, hub }: RunState, region: string): void {
  const ids = regions.map(({ id }) => id);
  if (!ready) throw new Error('the stack is still starting; try again when it is ready');
  const before = readJoinProgress(dataDir);
  if (before?.pid === pid && before.outcome === 'running') throw new Error(`${before.region} is joining just now; try again when it has`);
  if (hub.pids.length > 0) return;
  throw new Error(
    `this stack has one region: no hub, and servers without users, so every one of its clients would have to connect anew.\n` +
      `  Stop it and start it with both on the same data: npx waybill stop, then npm start -- --regions ${[...ids, region].join(',')}`,
  );
}

function printJoined(dataDir: string, region: string): void {
  const { regions } = runningStack(dataDir);
  print(`${region} has joined: ${regions.find(({ id }) => id === region)?.url ?? ''}`);
  tell('watch it with "npx waybill regions", check it with "npx waybill doctor"');
}
