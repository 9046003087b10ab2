import { spawn } from 'node:child_process';
import { fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Api } from '../client/api.ts';
import { DEMO, seedDemo } from '../stack/demo.ts';
import { dataPaths } from '../stack/layout.ts';
import { isAlive } from '../stack/processes.ts';
import { readRunFile, type RunState } from '../stack/run-file.ts';
import { print, tell } from '../terminal/print.ts';
import { dataOption, wholeNumberIn } from './options.ts';
import { stopStack } from './stop.ts';

interface UpOptions {
  readonly data: string;
  readonly port: number;
  readonly regions: string;
  readonly detach?: boolean;
}

/** `waybill up`: the whole product on this machine. */
export function upCommand(program: Command): void {
  program
    .command('up')
    .description('run everything on this machine: nats-server, the four services, a local receiver')
    .argument('[action]', '"stop" ends the stack that runs on the data folder')
    .addOption(dataOption())
    .option('--port <n>', 'first of the ten ports to use', wholeNumberIn(1_024, 65_000), 8080)
    .option('--regions <id>', 'id of the region', process.env['REGION'] ?? 'us-central1')
    .option('--detach', 'return when everything is ready, and keep running')
    .action(async (action: string | undefined, options: UpOptions) => {
      if (action === 'stop') return stopStack(options.data);
      if (action !== undefined) throw new Error(`"up ${action}" is not known; only "up" and "up stop" are`);
      checkRegions(options.regions);
      return options.detach === true ? runDetached(options) : runAttached(options);
    });
}

function checkRegions(regions: string): void {
  if (regions.includes(',')) throw new Error('this version runs one region: give --regions one id, as in --regions us-central1');
  if (!/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(regions)) throw new Error(`"${regions}" cannot be a region's id: use a-z, 0-9 and -`);
}

async function runAttached(options: UpOptions): Promise<void> {
  const stopping = new AbortController();
  // Loaded here, because it brings the whole transport: the other commands start without it in a fraction of the time.
  const { Stack } = await import('../stack/stack.ts');
  const stack = new Stack({
    dataDir: options.data,
    region: options.regions,
    basePort: options.port,
    tell,
    env: process.env,
    signal: stopping.signal,
  });
  const asked = untilAsked(() => stopping.abort(new Error('stopped while starting')));
  const state = await stack.start();
  await seedDemo(new Api(state.regions[0]?.url ?? '', state.adminKey), state.receiverUrl).catch((error: unknown) =>
    tell(`the demo was not set up: ${String(error)}`),
  );
  for (const line of summary(state, options.data)) print(line);
  await asked;
  tell('draining …');
  await stack.stop();
  tell('stopped; the data stays in its folder');
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends at once. */
function untilAsked(onAsked: () => void): Promise<void> {
  return new Promise((resolve) => {
    let times = 0;
    const asked = (): void => {
      times += 1;
      if (times > 1) process.exit(130);
      onAsked();
      resolve();
    };
    process.on('SIGINT', asked);
    process.on('SIGTERM', asked);
    process.on('SIGHUP', asked);
  });
}

const DETACHED_READY_MS = 300_000;

async function runDetached(options: UpOptions): Promise<void> {
  const paths = dataPaths(options.data);
  mkdirSync(paths.logs, { recursive: true });
  const logFile = join(paths.logs, 'up.log');
  const log = openSync(logFile, 'a');
  const { size } = fstatSync(log);
  const args = [process.argv[1] ?? '', 'up', '--data', options.data, '--port', String(options.port), '--regions', options.regions];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] });
  const state = await detachedReady(paths.run, child.pid ?? 0);
  if (state === undefined) throw new Error(`the stack did not start. ${readFileSync(logFile, 'utf8').slice(size).trim()}`);
  child.unref();
  for (const line of summary(state, options.data)) print(line);
}

async function detachedReady(runFile: string, pid: number): Promise<RunState | undefined> {
  const deadline = performance.now() + DETACHED_READY_MS;
  while (performance.now() < deadline && isAlive(pid)) {
    const state = readRunFile(runFile);
    if (state?.pid === pid && state.ready) return state;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}

function summary(state: RunState, dataDir: string): string[] {
  const region = state.regions[0];
  return [
    '',
    `Waybill is ready.    region ${region?.id ?? ''}`,
    `  API                ${region?.url ?? ''}   (OpenAPI: ${region?.url ?? ''}/openapi.json)`,
    `  admin key          ${state.adminKey}`,
    `  local receiver     ${state.receiverUrl}   (GET lists what it got)`,
    `  NATS               ${region?.natsUrl ?? ''}`,
    `  data, logs         ${dataDir}`,
    `  demo               tenant "${DEMO.tenant}", endpoint "${DEMO.endpoint}", sources "${DEMO.githubSource}", "${DEMO.webhookSource}"`,
    '  egress guard       on, loopback allowed (this is the local stack)',
    '',
    'Try:  npx waybill send    then    npx waybill events    and    npx waybill event <id>',
    'Ctrl-C drains and stops.',
  ];
}
