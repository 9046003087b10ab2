import { statfsSync } from 'node:fs';
import type { Command } from 'commander';
import { findNatsServer } from '@waybill/nats-server';
import { runningStack } from '../client/api.ts';
import { isAlive } from '../stack/processes.ts';
import type { RunState } from '../stack/run-file.ts';
import { print } from '../terminal/print.ts';
import { dataOption } from './options.ts';
import { provisionHere } from './provision.ts';

/** One thing that was looked at. `remedy` says what to do when it is not well. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

const LEAST_FREE_BYTES = 1024 ** 3;

/** `waybill doctor`: looks at everything a running region depends on, and says what to do about what is wrong. */
export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check the machine and the running stack; exit code 1 when something is wrong')
    .addOption(dataOption())
    .action(async (options: { data: string }) => {
      const findings = await examine(options.data);
      for (const finding of findings) for (const line of linesOf(finding)) print(line);
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

async function examine(dataDir: string): Promise<Finding[]> {
  const machine = [nodeFinding(), await natsServerFinding()];
  const state = await attempt('stack', 'start it with "npm start"', async () => runningStack(dataDir));
  if ('ok' in state) return [...machine, state];
  const stack = { what: 'stack', ok: true, detail: `pid ${state.pid}, region ${state.regions.map(({ id }) => id).join(', ')}` };
  return [
    ...machine,
    stack,
    diskFinding(dataDir),
    ...processFindings(state),
    ...(await serviceFindings(state)),
    await streamFinding(dataDir),
  ];
}

function linesOf({ what, ok, detail, remedy }: Finding): string[] {
  const first = `${ok ? 'ok    ' : 'WRONG '} ${what.padEnd(22)} ${detail}`;
  return ok || remedy === undefined ? [first] : [first, `        what to do: ${remedy}`];
}

/** Runs a look-up and turns its failure into a finding. */
async function attempt<T>(what: string, remedy: string, look: () => Promise<T>): Promise<T | Finding> {
  try {
    return await look();
  } catch (error) {
    return { what, ok: false, detail: error instanceof Error ? error.message : String(error), remedy };
  }
}

function nodeFinding(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= 24;
  return { what: 'node', ok, detail: process.version, remedy: 'run "npm ci"; its scripts bring Node 24' };
}

function natsServerFinding(): Promise<Finding> {
  return attempt('nats-server', 'see the ways named above', async () => {
    const { version, way, binary } = await findNatsServer();
    return { what: 'nats-server', ok: true, detail: `${version} (${way}, ${binary})` };
  });
}

function diskFinding(dataDir: string): Finding {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${dataDir}`;
  return { what: 'disk', ok: free >= LEAST_FREE_BYTES, detail, remedy: 'make room: a full log answers 503' };
}

function processFindings(state: RunState): Finding[] {
  return state.regions.flatMap((region) =>
    Object.entries(region.pids).map(([name, pid]) => ({
      what: `${region.id} ${name}`,
      ok: isAlive(pid),
      detail: `pid ${pid}`,
      remedy: 'the supervisor starts it again; if this stays, see its log',
    })),
  );
}

function serviceFindings(state: RunState): Promise<Finding[]> {
  const services = state.regions.flatMap((region) =>
    Object.entries(region.services).map(([name, url]) => ({ what: `${region.id} ${name} ready`, url })),
  );
  return Promise.all(
    services.map(({ what, url }) => attempt(what, 'what it waits for is named here; see its log', () => readiness(what, url))),
  );
}

async function readiness(what: string, url: string): Promise<Finding> {
  const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
  return {
    what,
    ok: response.ok,
    detail: response.ok ? url : await response.text(),
    remedy: 'what it waits for is named here; see its log',
  };
}

function streamFinding(dataDir: string): Promise<Finding> {
  const remedy = 'run "npx waybill provision"';
  return attempt('streams and consumers', remedy, async () => {
    const drift = (await provisionHere({ data: dataDir, dryRun: true }))
      .flatMap(({ steps }) => steps)
      .filter(({ action }) => action !== 'unchanged');
    const detail = drift.length === 0 ? 'as they should be' : drift.map(({ what, action }) => `${action} ${what}`).join(', ');
    return { what: 'streams and consumers', ok: drift.length === 0, detail, remedy };
  });
}
