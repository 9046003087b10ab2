import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const regionSchema = z.object({
  id: z.string(),
  url: z.string(),
  natsUrl: z.string(),
  pids: z.record(z.string(), z.number()),
  services: z.record(z.string(), z.string()),
});

const stateSchema = z.object({ pid: z.number(), adminKey: z.string(), regions: z.array(regionSchema).min(1) });

/** The first region of a running stack, as its `run.json` tells. */
export interface RunningRegion extends z.infer<typeof regionSchema> {
  readonly adminKey: string;
  readonly supervisorPid: number;
}

/** Reads `run.json` of a data folder. Throws when there is none or it says something else. */
export function readRunState(dataDir: string): RunningRegion {
  const { adminKey, pid, regions } = stateSchema.parse(JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')));
  const [region] = regions;
  if (region === undefined) throw new Error(`no region runs on ${dataDir}`);
  return { ...region, adminKey, supervisorPid: pid };
}
