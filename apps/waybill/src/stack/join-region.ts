import { reloadServer } from '@waybill/nats-server';
import type { TopologyOptions } from '@waybill/transport';
import { renewLinks, waitForLinks } from '../deployment/hub-links.ts';
import type { Installation } from '../deployment/installation.ts';
import { provisionAll } from '../deployment/provision-all.ts';
import { SERVICES, type ServiceName } from './layout.ts';
import { keepStreams, type ServerFile, writeServerFile } from './nats-servers.ts';
import type { Supervised, Supervisor } from './supervisor.ts';

/** A running stack, seen as what a region joins. */
export interface Joining {
  /** The region that joins. */
  readonly region: string;
  /** All servers, those of the new region among them. */
  readonly installation: Installation;
  readonly files: readonly ServerFile[];
  readonly supervisor: Supervisor;
  readonly topology: Omit<TopologyOptions, 'peers'>;
  readonly natsProcess: (file: ServerFile) => Supervised;
  readonly serviceProcess: (region: string, name: ServiceName) => Supervised;
  /** Resolves when the service is ready; throws when it is not in time. */
  readonly ready: (region: string, name: ServiceName) => Promise<void>;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

const STOP_BUDGET_MS = 25_000;

/**
 * Brings a region into a running stack without stopping the others. Every step may be done again, so after a failure or a crash the whole is: what is as
 * it should be stays untouched. Throws at the first step that fails; what runs goes on running.
 */
export async function joinRegion(joining: Joining): Promise<void> {
  await reloadServers(joining);
  await startServer(joining);
  await renewOldLinks(joining);
  await provisionEverything(joining);
  await restartServices(joining);
  await startServices(joining);
}

const othersOf = ({ installation, region }: Joining): string[] =>
  installation.deployment.regions.map(({ id }) => id).filter((id) => id !== region);

/** The hub's nodes first, one at a time: they must know the new region's link and its place in the others' permissions before anybody uses them. */
async function reloadServers(joining: Joining): Promise<void> {
  const { files, region, supervisor, tell, signal } = joining;
  for (const { place, name, file: configFile, text } of files.filter((one) => one.place !== region)) {
    signal.throwIfAborted();
    const pid = supervisor.pid(place, name);
    if (pid === undefined) throw new Error(`${place} ${name} does not run`);
    await reloadServer({ pid, configFile, text, logFile: supervisor.logFile(place, name) });
    tell(`${place} ${name}: new permissions`);
  }
}

async function startServer(joining: Joining): Promise<void> {
  const { files, region, supervisor, natsProcess, installation, tell, signal } = joining;
  const file = files.find(({ place }) => place === region);
  if (file === undefined) throw new Error(`the deployment has no server for ${region}`);
  const spec = natsProcess(file);
  if (!supervisor.keeps(spec)) {
    writeServerFile(file);
    keepStreams(file);
    supervisor.supervise(spec);
  }
  await waitForLinks(installation, region, signal);
  tell(`${region} nats: started and linked`);
}

/** Links keep the permissions they were made with, which know nothing of the new region. */
async function renewOldLinks(joining: Joining): Promise<void> {
  for (const other of othersOf(joining)) {
    const renewed = await renewLinks(joining.installation, other, joining.signal);
    joining.tell(`${renewed.join(', ')}: linked anew`);
  }
}

async function provisionEverything({ installation, topology, tell, signal }: Joining): Promise<void> {
  const told = await provisionAll(installation, { topology, signal }, tell);
  const done = told.flatMap(({ steps }) => steps);
  const count = (action: string): number => done.filter((step) => step.action === action).length;
  tell(`streams and consumers: ${count('create')} made, ${count('update')} changed`);
}

/** They must know that there is one region more. One at a time, so that everything else of the region goes on. */
async function restartServices(joining: Joining): Promise<void> {
  const { supervisor, serviceProcess, ready, tell, signal } = joining;
  for (const other of othersOf(joining)) {
    for (const name of SERVICES) {
      signal.throwIfAborted();
      const spec = serviceProcess(other, name);
      if (!supervisor.keeps(spec)) {
        await supervisor.stop([other], [name], STOP_BUDGET_MS);
        supervisor.supervise(spec);
      }
      await ready(other, name);
    }
    tell(`${other}: its services know ${joining.region}`);
  }
}

async function startServices({ region, supervisor, serviceProcess, ready, tell, signal }: Joining): Promise<void> {
  signal.throwIfAborted();
  const specs = SERVICES.map((name) => serviceProcess(region, name));
  for (const spec of specs) if (!supervisor.keeps(spec)) supervisor.supervise(spec);
  await Promise.all(SERVICES.map((name) => ready(region, name)));
  tell(`${region}: all services are ready`);
}
