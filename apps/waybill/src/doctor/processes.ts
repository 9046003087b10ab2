import { existsSync } from 'node:fs';
import { dataPaths } from '../stack/layout.ts';
import { isAlive } from '../stack/processes.ts';
import type { RunningRegion, RunState } from '../stack/run-file.ts';
import { attempt, type Finding } from './finding.ts';

const ANSWER_MS = 2_000;

/** Whether the processes of a local stack live and its services are ready. */
export async function processFindings(dataDir: string, state: RunState): Promise<Finding[]> {
  const services = state.regions.flatMap((region) => Object.entries(region.services).map(([name, url]) => readiness(region, name, url)));
  return [...state.regions.flatMap((region) => alive(dataDir, region)), ...(await Promise.all(services))];
}

function alive(dataDir: string, { id, pids }: RunningRegion): Finding[] {
  const remedy = existsSync(dataPaths(dataDir).held(id))
    ? `it is kept down: npx waybill regions revive ${id}`
    : 'the supervisor starts it again; if this stays, see its log';
  return Object.entries(pids).map(([name, pid]) => ({ what: `${id} ${name}`, ok: isAlive(pid), detail: `pid ${pid}`, remedy }));
}

function readiness({ id }: RunningRegion, name: string, url: string): Promise<Finding> {
  const what = `${id} ${name} ready`;
  const remedy = 'what it waits for is named here; see its log';
  return attempt(what, remedy, async () => {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return { what, ok: response.ok, detail: response.ok ? url : await response.text(), remedy };
  });
}
