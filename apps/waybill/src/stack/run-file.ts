import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { isAlive } from './processes.ts';

const pid = z.int().min(1);

const runSchema = z.object({
  pid,
  adminKey: z.string(),
  ready: z.boolean(),
  regions: z.array(
    z.object({
      id: z.string(),
      url: z.string(),
      natsUrl: z.string(),
      /** Who may look at the region's streams; absent where servers have no users. */
      operator: z.object({ user: z.string(), password: z.string() }).optional(),
      pids: z.record(z.string(), pid),
      /** Address of each service's own health routes. */
      services: z.record(z.string(), z.string()),
    }),
  ),
  hub: z.object({ pids: z.array(pid) }),
  receiverUrl: z.string(),
  /** The GitHub of our own that the services talk to; absent with a real App. */
  githubUrl: z.string().optional(),
  /** The trace store of our own; absent when spans go elsewhere, or nowhere. */
  tracesUrl: z.string().optional(),
  /** Where the canary shows its metrics; absent unless one was asked for. */
  canary: z.object({ url: z.string(), pid }).optional(),
});

/** What a running stack tells about itself in `run.json`. */
export type RunState = z.infer<typeof runSchema>;
export type RunningRegion = RunState['regions'][number];

/** Writes the file as a whole: a reader sees the old or the new state, never half of one. Only the owner may read it, for it holds a key. */
export function writeRunFile(path: string, state: RunState): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** Reads the file; undefined when there is none or it cannot be understood. */
export function readRunFile(path: string): RunState | undefined {
  try {
    const parsed = runSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Every process of a stack but its supervisor. */
export const pidsOf = ({ regions, hub, canary }: RunState): number[] => [
  ...regions.flatMap(({ pids }) => Object.values(pids)),
  ...hub.pids,
  ...(canary === undefined ? [] : [canary.pid]),
];

/** Whether the stack's supervisor lives. */
export const isRunning = (state: RunState | undefined): state is RunState => state !== undefined && isAlive(state.pid);
