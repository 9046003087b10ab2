import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { traceIdOf } from '@waybill/contracts';
import { COUNTERS, GAUGES, HISTOGRAMS } from '@waybill/runtime';
import { findPromtool } from '@waybill/testkit';
import { z } from 'zod';
import type { LocalStack } from './stack.fixture.ts';

const SERVICES = ['ingress', 'planner', 'dispatcher', 'projector'] as const;
const lineSchema = z.looseObject({
  level: z.string(),
  time: z.iso.datetime(),
  service: z.string(),
  region: z.string(),
  event: z.string().optional(),
  eventId: z.string().optional(),
  traceId: z.string().optional(),
  correlationId: z.string().optional(),
});
const deploymentSchema = z.object({ passwords: z.record(z.string(), z.string().min(20)) });
const listed = z.object({ data: z.array(z.object({ id: z.string() })) });

/** Everything that a running stack tells about itself, as text by where it is told: lines, metrics, and the traces of the newest hundred events. */
export async function everythingTold(stack: LocalStack): Promise<ReadonlyMap<string, string>> {
  const told = new Map<string, string>();
  const logs = join(stack.dataDir, 'logs');
  for (const name of await readdir(logs)) told.set(name, await readFile(join(logs, name), 'utf8'));
  const { regions } = await stack.state();
  for (const { id: region } of regions) {
    const events = listed.parse((await stack.at(region, { method: 'GET', path: '/v1/events?limit=100' })).body).data;
    for (const { id } of events)
      told.set(`${region} trace ${id}`, JSON.stringify((await stack.at(region, { method: 'GET', path: `/v1/traces/${id}` })).body));
    for (const service of SERVICES) told.set(`${region} metrics ${service}`, await metricsOf(stack, region, service));
  }
  return told;
}

/** What the parts of a stack keep from everybody: the admin's key and what is derived from it, and the passwords of all servers. */
export async function ownSecrets(stack: LocalStack): Promise<string[]> {
  const { adminKey } = await stack.state();
  const { passwords } = deploymentSchema.parse(JSON.parse(await readFile(join(stack.dataDir, 'deployment.json'), 'utf8')));
  return [adminKey, hash('sha256', `regions ${adminKey}`, 'hex'), ...Object.values(passwords)];
}

/** Where one of these secrets is told, however often, as `place: its beginning`. */
export const tellersOf = (told: ReadonlyMap<string, string>, secrets: readonly string[]): string[] =>
  [...told].flatMap(([place, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${place}: ${secret.slice(0, 6)}…`),
  );

/** Lines of services that are no JSON, do not say by whom and where they were written, or tell of an event and not of its trace and correlation. */
export function badLines(told: ReadonlyMap<string, string>): string[] {
  const isOfService = (place: string): boolean => SERVICES.some((service) => place.endsWith(`-${service}.log`));
  return [...told]
    .filter(([place]) => isOfService(place))
    .flatMap(([place, text]) =>
      text
        .trim()
        .split('\n')
        .flatMap((line) => faultOf(line).map((fault) => `${place}: ${fault}: ${line}`)),
    );
}

function faultOf(line: string): string[] {
  const { data } = lineSchema.safeParse(parsed(line));
  if (data === undefined) return ['not a line of ours'];
  if (data.event?.startsWith('work.') !== true || data.eventId === undefined) return [];
  if (data.correlationId === undefined) return ['no correlation'];
  return data.traceId === traceIdOf(data.eventId) ? [] : ['not the trace of its event'];
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function metricsOf(stack: LocalStack, region: string, service: string): Promise<string> {
  const url = (await stack.state()).regions.find(({ id }) => id === region)?.services[service];
  const answer = await fetch(`${url}/metrics`);
  if (!answer.ok) throw new Error(`${url}/metrics: ${answer.status}`);
  return answer.text();
}

interface Exposed {
  readonly names: readonly string[];
  /** Of those that have values now, with their labels, as `name{a,b}`. */
  readonly labelled: readonly string[];
}

/** The metrics of ours in a text of `/metrics`. */
export function exposedIn(text: string): Exposed {
  const names = [...text.matchAll(/^# TYPE (waybill_\S+)/gm)].map(([, name]) => name ?? '');
  const labelled = [...text.matchAll(/^(waybill_[a-z_]+)(?:\{(.*)\})? /gm)].map(([, sample = '', labels = '']) => {
    const name = names.find((one) => sample === one || ['_bucket', '_sum', '_count'].some((end) => sample === one + end)) ?? sample;
    const keys = [...labels.matchAll(/([a-z_]+)="(?:[^"\\]|\\.)*"/g)].map(([, key]) => key ?? '').filter((key) => key !== 'le');
    return `${name}{${keys.toSorted().join(',')}}`;
  });
  return { names: names.toSorted(), labelled: [...new Set(labelled)].toSorted() };
}

/** What the catalogue says that a service exposes. */
export function catalogued(service: string): Exposed {
  const all = Object.entries({ ...COUNTERS, ...HISTOGRAMS, ...GAUGES }).filter(([, { by }]) => by.some((one) => one === service));
  return {
    names: all.map(([name]) => name).toSorted(),
    labelled: all.map(([name, { labels }]) => `${name}{${[...labels].toSorted().join(',')}}`).toSorted(),
  };
}

/** What promtool has against our metrics in a text of `/metrics`; nothing when they are well. Some that prom-client tells of Node are called otherwise than they should be. */
export async function complaintsAbout(text: string): Promise<string> {
  const promtool = await findPromtool();
  return new Promise((resolve) => {
    const child = execFile(promtool, ['check', 'metrics'], (error, stdout, stderr) =>
      resolve(error === null ? '' : `${error.message}${stdout}${stderr}`),
    );
    const ours = text.split('\n').filter((line) => /^(# \w+ )?waybill_/.test(line));
    child.stdin?.end(`${ours.join('\n')}\n`);
  });
}
