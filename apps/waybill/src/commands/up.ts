import { spawn } from 'node:child_process';
import { fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { Api } from '../client/api.ts';
import { sessionLink } from '../client/session-link.ts';
import { DEMO, seedDemo } from '../stack/demo.ts';
import { dataPaths } from '../stack/layout.ts';
import { serveJoinRequest } from '../stack/join-requests.ts';
import { hasOwnApp } from '../stack/own-app.ts';
import { isAlive } from '../stack/processes.ts';
import { readRunFile, type RunningRegion, type RunState } from '../stack/run-file.ts';
import { print, tell } from '../terminal/print.ts';
import { checkFailover, hubNodesFor, linkPortsFrom, regionIds } from './local-regions.ts';
import { dataOption, wholeNumberIn } from './options.ts';
import { stopStack } from './stop.ts';

interface UpOptions {
  readonly data: string;
  readonly port: number;
  readonly regions?: string;
  readonly hubNodes?: number;
  readonly canary?: boolean;
  readonly detach?: boolean;
  readonly summary: boolean;
}

const DEFAULT_REGIONS = 'us-central1,europe-west1';

/** `waybill up`: the whole product on this machine. */
export function upCommand(program: Command): void {
  program
    .command('up')
    .description(
      'run everything on this machine: two regions with their nats-servers and services, the hub between them, a local receiver, a GitHub to try with',
    )
    .argument('[action]', '"stop" ends the stack that runs on the data folder')
    .addOption(dataOption())
    .option(
      '--port <n>',
      'first of the ports to use: ten for each region, thirty at least when there are several, forty with a canary',
      wholeNumberIn(1_024, 65_000),
      8080,
    )
    .option(
      '--regions <ids>',
      `ids of the regions, separated by commas; default: REGION, or those of the last start, or ${DEFAULT_REGIONS}`,
    )
    .option('--hub-nodes <n>', 'servers of the hub between the regions: 3 lose one unharmed, 1 saves memory', wholeNumberIn(1, 3))
    .option('--canary', 'watch the regions: send an event through each of their doors every 15 s, as a tenant of its own')
    .option('--detach', 'return when everything is ready, and keep running')
    .addOption(new Option('--no-summary', 'keep quiet about keys and links, as in a log').hideHelp())
    .action(async (action: string | undefined, options: UpOptions) => {
      if (action === 'stop') return stopStack(options.data);
      if (action !== undefined) throw new Error(`"up ${action}" is not known; only "up" and "up stop" are`);
      const ids = regionIds(options.regions ?? process.env['REGION'] ?? (await lastRegions(options.data)) ?? DEFAULT_REGIONS);
      hasOwnApp(process.env);
      checkFailover(process.env, ids, hubNodesFor(ids, options.hubNodes));
      return options.detach === true ? runDetached(options, ids) : runAttached(options, ids);
    });
}

/** A second start picks up where the first was, also with the regions that have joined since. */
async function lastRegions(dataDir: string): Promise<string | undefined> {
  const { storedDeployment } = await import('../stack/local-deployment.ts');
  return storedDeployment(dataDir)
    ?.regions.map(({ id }) => id)
    .join(',');
}

async function runAttached(options: UpOptions, ids: readonly string[]): Promise<void> {
  const stopping = new AbortController();
  // Loaded here, because it brings the whole transport: the other commands start without it in a fraction of the time.
  const { Stack } = await import('../stack/stack.ts');
  const stack = new Stack({
    dataDir: options.data,
    regions: ids,
    hubNodes: hubNodesFor(ids, options.hubNodes),
    basePort: options.port,
    linkPorts: linkPortsFrom(process.env),
    canary: options.canary === true,
    tell,
    env: process.env,
    signal: stopping.signal,
  });
  process.on('SIGUSR2', () => void serveJoinRequest(options.data, (region, told) => stack.join(region, told), tell));
  const asked = untilAsked(() => stopping.abort(new Error('stopped while starting')));
  const state = await stack.start();
  await seedDemo(new Api(state.regions[0]?.url ?? '', state.adminKey), state.receiverUrl).catch((error: unknown) =>
    tell(`the demo was not set up: ${String(error)}`),
  );
  if (options.summary) await printSummary(state, options.data, 'Ctrl-C drains and stops.');
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

async function runDetached(options: UpOptions, ids: readonly string[]): Promise<void> {
  const paths = dataPaths(options.data);
  mkdirSync(paths.logs, { recursive: true });
  const logFile = join(paths.logs, 'up.log');
  const log = openSync(logFile, 'a');
  const { size } = fstatSync(log);
  const args = [
    process.argv[1] ?? '',
    'up',
    '--data',
    options.data,
    '--port',
    String(options.port),
    '--regions',
    ids.join(','),
    '--no-summary',
  ];
  if (options.hubNodes !== undefined) args.push('--hub-nodes', String(options.hubNodes));
  if (options.canary === true) args.push('--canary');
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] });
  const state = await detachedReady(paths.run, child.pid ?? 0);
  if (state === undefined) throw new Error(`the stack did not start. ${readFileSync(logFile, 'utf8').slice(size).trim()}`);
  child.unref();
  await printSummary(state, options.data, `Drain and stop it:  npx waybill stop --data ${options.data}`);
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

async function printSummary(state: RunState, dataDir: string, howToStop: string): Promise<void> {
  const api = new Api(state.regions[0]?.url ?? '', state.adminKey);
  // Kept back from a start by nothing: the link can be asked for at any time.
  const link = await sessionLink(api, {}).catch(() => undefined);
  for (const line of [...summary(state, dataDir, link?.url), howToStop]) print(line);
}

function summary(state: RunState, dataDir: string, link: string | undefined): string[] {
  return [
    '',
    `Waybill is ready.    ${state.regions.length === 1 ? 'one region' : `${state.regions.length} regions, ${state.hub.pids.length} hub servers`}`,
    ...(link === undefined
      ? []
      : [
          `  dashboard          ${link}`,
          '                     (signs you in once, within ten minutes; for another: npx waybill dashboard)',
        ]),
    ...state.regions.flatMap(describeRegion),
    `  admin key          ${state.adminKey}`,
    `  local receiver     ${state.receiverUrl}   (GET lists what it got)`,
    `  data, logs         ${dataDir}`,
    ...(state.canary === undefined ? [] : [`  canary             ${state.canary.url}/metrics`]),
    ...(state.githubUrl === undefined
      ? []
      : [`  GitHub of our own  ${state.githubUrl}   (no App is configured; docs/github.md says how to set one up)`]),
    ...(state.tracesUrl === undefined ? [] : ["  traces             the newest, on each event's page; npx waybill trace <id>"]),
    `  demo               tenant "${DEMO.tenant}", endpoint "${DEMO.endpoint}", sources "${DEMO.githubSource}", "${DEMO.webhookSource}"`,
    '  egress guard       on, loopback allowed (this is the local stack)',
    '',
    'Try:  npx waybill send    then    npx waybill events    and    npx waybill event <id>',
    ...(state.githubUrl === undefined ? [] : ['Dispatch workflows:  npx waybill github demo']),
    ...(state.regions.length === 1 ? [] : ['Watch the regions:  npx waybill regions']),
  ];
}

const describeRegion = ({ id, url, natsUrl }: RunningRegion): string[] => [
  `  ${id.padEnd(18)} ${url}   (OpenAPI: ${url}/openapi.json; NATS: ${natsUrl})`,
];
