import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { REPOSITORY } from './local-stack.ts';

const STOP_MS = 10_000;
const WAIT_MS = 100;

interface ServiceOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  /** Folder for CPU profiles; absent: none are written. */
  readonly profiles?: string | undefined;
}

/** One service as production runs it, alone. */
export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly url: string;

  constructor(name: 'projector' | 'ingress', { env, port, profiles }: ServiceOptions) {
    const flags = profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles];
    this.#child = spawn(process.execPath, [...flags, join(REPOSITORY, `services/${name}/dist/main.js`)], {
      env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'warn', ...env, PORT: String(port) },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.#name = name;
    this.url = `http://127.0.0.1:${port}`;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits until it says that it is ready. Throws when it ends instead. */
  async ready(): Promise<void> {
    while (!(await this.#isReady())) {
      this.requireRunning();
      await delay(WAIT_MS);
    }
  }

  async #isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/health/ready`).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.ok === true;
  }

  /** Throws when it has ended. */
  requireRunning(): void {
    if (this.#child.exitCode !== null) throw new Error(`the ${this.#name} ended with code ${this.#child.exitCode}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(force);
  }
}
