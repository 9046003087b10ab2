import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** stdout and stderr are appended here. */
  readonly logFile: string;
  /** Asked before each start: while it says no, the process stays down. */
  readonly mayStart?: () => boolean;
}

export interface SupervisionEvents {
  /** A process was started, for the first time or again. */
  readonly started: (name: string, pid: number) => void;
  /** A process ended without being told to. */
  readonly died: (name: string, how: string, restartInMs: number) => void;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;
/** How often a process that is kept down asks whether it may start. */
const KEPT_DOWN_MS = 200;
/** A process that ran this long was healthy: the next restart is quick again. */
const HEALTHY_MS = 30_000;

/**
 * Keeps one process running: starts it again when it dies, at once after a long run, slower and slower while it keeps dying.
 * The child is the leader of its own process group, so that Ctrl-C reaches only the supervisor, which then stops things in order.
 */
export class SupervisedProcess {
  readonly #spec: ProcessSpec;
  readonly #events: SupervisionEvents;
  #child: ChildProcess | undefined;
  #delayMs = FIRST_DELAY_MS;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(spec: ProcessSpec, events: SupervisionEvents) {
    this.#spec = spec;
    this.#events = events;
  }

  get name(): string {
    return this.#spec.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    if (this.#spec.mayStart?.() === false) {
      this.#timer = setTimeout(() => this.start(), KEPT_DOWN_MS);
      return;
    }
    const { command, args, env, logFile, name } = this.#spec;
    const log = openSync(logFile, 'a');
    const startedMs = performance.now();
    const child = spawn(command, args, { env, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    child.once('error', (error) => this.#ended(error.message, startedMs));
    child.once('exit', (code, signal) => this.#ended(signal ?? `exit code ${code}`, startedMs));
    if (child.pid !== undefined) this.#events.started(name, child.pid);
  }

  /** Asks the process to end and waits; kills it after the budget. It is not started again. */
  async stop(budgetMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), budgetMs);
    await gone;
    clearTimeout(killer);
  }

  #ended(how: string, startedMs: number): void {
    if (this.#stopping) return;
    if (performance.now() - startedMs > HEALTHY_MS) this.#delayMs = FIRST_DELAY_MS;
    this.#events.died(this.name, how, this.#delayMs);
    this.#timer = setTimeout(() => this.start(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_DELAY_MS);
  }
}
