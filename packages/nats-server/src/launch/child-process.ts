import { type ChildProcess, spawn } from 'node:child_process';

/** How a process ended: by an exit code or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A started process that can be waited for and ended within a time. */
export interface OwnedProcess {
  readonly pid: number;
  /** Settles once, when the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  /** SIGTERM, and SIGKILL when `budgetMs` is over; resolves when the process is gone. Harmless when it is gone already. */
  stop(budgetMs: number): Promise<Exit>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<Exit>;
}

/** What the process writes goes to `logFd`. */
export interface SpawnSettings {
  readonly logFd: number;
  /** True keeps a Ctrl-C in the terminal away from it, so that its owner can end it last. */
  readonly ownProcessGroup: boolean;
}

function own(child: ChildProcess, pid: number): OwnedProcess {
  const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const kill = (): Promise<Exit> => {
    child.kill('SIGKILL');
    return exited;
  };
  const stop = async (budgetMs: number): Promise<Exit> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), budgetMs);
    return exited.finally(() => clearTimeout(timer));
  };
  return { pid, exited, stop, kill };
}

/** Starts a program. Rejects with the system's error when it cannot be run at all. */
export function startProcess(file: string, args: readonly string[], settings: SpawnSettings): Promise<OwnedProcess> {
  const { logFd, ownProcessGroup } = settings;
  const child = spawn(file, args, { stdio: ['ignore', logFd, logFd], detached: ownProcessGroup, windowsHide: true });
  if (child.pid === undefined) return new Promise((_, reject) => child.once('error', reject));
  return Promise.resolve(own(child, child.pid));
}
