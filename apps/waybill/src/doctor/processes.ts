import { existsSync } from 'node:fs';
import { z } from 'zod';
import { dataPaths } from '../stack/layout.ts';
import { isAlive } from '../stack/processes.ts';
import type { RunningRegion, RunState } from '../stack/run-file.ts';
import { attempt, type Finding } from './finding.ts';

const ANSWER_MS = 2_000;
const reportSchema = z.object({ dependencies: z.record(z.string(), z.object({ detail: z.string().optional() })) });

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
    const text = await response.text();
    return { what, ok: response.ok, detail: response.ok ? [url, ...notesOf(text)].join('; ') : text, remedy };
  });
}

/** What a ready service says beside: GitHub that is away, a standstill of a peer. None of it keeps it from its work. */
function notesOf(report: string): string[] {
  const { dependencies } = reportSchema.parse(JSON.parse(report));
  return Object.entries(dependencies).flatMap(([name, { detail }]) => (detail === undefined ? [] : [`${name}: ${detail}`]));
}
