import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const regionSchema = z.object({
  id: z.string(),
  url: z.string(),
  natsUrl: z.string(),
  operator: z.object({ user: z.string(), password: z.string() }).optional(),
  pids: z.record(z.string(), z.number()),
  services: z.record(z.string(), z.string()),
});

const stateSchema = z.object({
  pid: z.number(),
  adminKey: z.string(),
  regions: z.array(regionSchema).min(1),
  hub: z.object({ pids: z.array(z.number()) }),
  canary: z.object({ url: z.string(), pid: z.number() }).optional(),
});

/** One region of a running stack, as its `run.json` tells. */
export interface RunningRegion extends z.infer<typeof regionSchema> {
  readonly adminKey: string;
  readonly supervisorPid: number;
}

export interface RunningStack {
  readonly regions: readonly RunningRegion[];
  readonly hubPids: readonly number[];
  /** What watches the regions; absent unless it was asked for. */
  readonly canary?: { readonly url: string; readonly pid: number } | undefined;
}

/** Reads `run.json` of a data folder. Throws when there is none or it says something else. */
export function readRunState(dataDir: string): RunningStack {
  const { adminKey, pid, regions, hub, canary } = stateSchema.parse(JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')));
  return { regions: regions.map((region) => ({ ...region, adminKey, supervisorPid: pid })), hubPids: hub.pids, canary };
}
