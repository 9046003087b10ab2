import { streamNames } from '@waybill/contracts';
import { HUB } from '@waybill/nats-server';
import type { ProvisionStep, TopologyOptions } from '@waybill/transport';
import { z } from 'zod';
import type { Installation } from '../deployment/installation.ts';
import { provisionAll } from '../deployment/provision-all.ts';
import type { AskedRegion } from './ask-pair.ts';
import { attempt, type Finding, fine, verdict, wrong } from './finding.ts';
import { reach } from './reach.ts';
import { orNothing } from './stream-errors.ts';
import { judgeSettings, type StreamSettings } from './stream-settings.ts';

const REMEDY = 'run "npx waybill provision"';
const quiet = (): void => undefined;

/** Whether the streams and consumers of a place (a region, or `hub`) are what provisioning would make of them. */
export function driftFinding(installation: Installation, place: string, topology: Omit<TopologyOptions, 'peers'>): Promise<Finding> {
  const what = `${place} streams`;
  return attempt(what, REMEDY, async () => {
    // Provisioning would wait for servers that are away.
    const reached = await reach(installation, { place, user: place === HUB ? 'admin' : 'provisioner' });
    if ('failure' in reached) return wrong(what, { detail: reached.failure, remedy: 'see its servers beside this' });
    await reached.bus.close();
    const told = await provisionAll(installation, { topology, dryRun: true, only: place }, quiet);
    const drift = told.flatMap(({ steps }) => steps).filter(({ action }) => action !== 'unchanged');
    if (drift.length === 0) return fine(what, 'as they should be');
    return wrong(what, { detail: drift.map(inWords).join('; '), remedy: REMEDY });
  });
}

/** Which fields differ is enough here; "provision --dry-run" tells how. */
function inWords({ what, action, changes }: ProvisionStep): string {
  const fields = changes.map((change) => change.split(':')[0]).join(', ');
  return `${action} ${what}${fields === '' ? '' : ` (${fields})`}`;
}

/** Whether a region's streams have the settings on which nothing being lost depends. */
export async function settingsFindings({ id, bus }: AskedRegion): Promise<Finding[]> {
  const { log, peers } = streamNames(id);
  const infos = await Promise.all([log, peers].map((stream) => orNothing(bus.jsm.streams.info(stream))));
  const settings = infos.flatMap((info): StreamSettings[] => {
    if (info === undefined) return [];
    const { name, discard, duplicate_window: windowNs } = settingsSchema.parse(info.config);
    return [{ name, discard, duplicateWindowMs: windowNs / 1e6 }];
  });
  return verdict(`${id} settings`, judgeSettings(id, settings), 'a full log refuses, copies never stop');
}

/** The server leaves zeros out. */
const settingsSchema = z.object({ name: z.string(), discard: z.string(), duplicate_window: z.number().default(0) });
