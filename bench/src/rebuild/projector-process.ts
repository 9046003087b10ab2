import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { REPOSITORY } from '../stack/local-stack.ts';

const statusSchema = z.object({
  build: z
    .object({ phase: z.string(), facts: z.object({ read: z.number(), total: z.number() }), factsPerSecond: z.number().nullable() })
    .nullable(),
  last: z
    .object({
      outcome: z.string(),
      detail: z.string().nullable(),
      facts: z.number().nullable(),
      startedAt: z.string(),
      endedAt: z.string(),
      comparison: z.object({ rows: z.number(), differences: z.array(z.unknown()) }).nullable(),
    })
    .nullable(),
});
export type ProjectionsStatus = z.infer<typeof statusSchema>;

const lagSchema = z.object({ data: z.array(z.object({ stream: z.string(), lag: z.number().nullable() })) });
const WAIT_MS = 100;
const STOP_MS = 10_000;

/** A projector as production runs it. */
export class ProjectorProcess {
  readonly #child: ChildProcess;
  readonly #url: string;

  constructor(env: Readonly<Record<string, string>>, port: number, profiles?: string) {
    const flags = profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles];
    this.#child = spawn(process.execPath, [...flags, join(REPOSITORY, 'services/projector/dist/main.js')], {
      env: { PATH: process.env['PATH'] ?? '', ...env, PORT: String(port), LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.#url = `http://127.0.0.1:${port}`;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits until it has read the LOG to its end. */
  async caughtUp(): Promise<void> {
    for (;;) {
      const { data } = lagSchema.safeParse(await this.#ask('GET', '/v1/stats/lag').catch(() => undefined));
      if (data?.data.some(({ stream, lag: behind }) => stream.startsWith('LOG_') && behind === 0)) return;
      await this.#pause();
    }
  }

  /** Has a generation built and waits for its end. Throws when it failed. */
  async build(purpose: 'rebuild' | 'verify', onStatus: (status: ProjectionsStatus) => void) {
    await this.#ask('POST', `/v1/projections/${purpose}`);
    for (;;) {
      const status = statusSchema.parse(await this.#ask('GET', '/v1/projections'));
      onStatus(status);
      const { build, last } = status;
      if (build === null && last !== null) {
        if (last.outcome === 'failed') throw new Error(`the ${purpose} failed: ${last.detail ?? ''}`);
        return last;
      }
      await this.#pause();
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(force);
  }

  async #pause(): Promise<void> {
    if (this.#child.exitCode !== null) throw new Error(`the projector ended with code ${this.#child.exitCode}`);
    await delay(WAIT_MS);
  }

  async #ask(method: 'GET' | 'POST', path: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}${path}`, { method });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
