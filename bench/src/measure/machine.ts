import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { z } from 'zod';

/** What a figure was measured on. */
export const machineSchema = z.object({
  cpu: z.string(),
  cores: z.number(),
  memoryGiB: z.number(),
  platform: z.string(),
  node: z.string(),
  natsServer: z.string(),
});
export type Machine = z.infer<typeof machineSchema>;

/** Describes this machine; `natsServer` is the version of the server that ran. */
export function machine(natsServer: string): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    natsServer,
  };
}

/** The commit that is checked out, with `-dirty` when tracked files differ from it; "unknown" without git. */
export function commitOf(folder: string): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=10'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}
