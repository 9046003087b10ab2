import { readFileSync } from 'node:fs';

/** Whether a process of this pid exists (zombies do not count where that can be seen). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}

/**
 * Whether the process was started by a stack on this data folder: pids are used again, and another program must not be ended.
 * Services carry the folder in their environment or arguments; where that cannot be read, the answer is no.
 */
export function belongsTo(pid: number, dataDir: string): boolean {
  try {
    return (
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dataDir) ||
      readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`WAYBILL_DATA=${dataDir}\0`)
    );
  } catch {
    return false;
  }
}

/** Sends a signal; a process that is gone already is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone meanwhile.
  }
}

const POLL_MS = 50;

/** Asks processes to end, waits, and kills those that did not within the budget. Resolves when none is left. */
export async function endProcesses(pids: readonly number[], budgetMs: number): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGTERM');
  if (await allGone(pids, budgetMs)) return;
  for (const pid of pids.filter(isAlive)) signal(pid, 'SIGKILL');
  await allGone(pids, 5_000);
}

/** Waits until none of the processes lives; false when some still do after the budget. */
export async function allGone(pids: readonly number[], budgetMs: number): Promise<boolean> {
  const deadline = performance.now() + budgetMs;
  while (pids.some(isAlive)) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}
