import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ServiceProcess } from '../stack/service-process.ts';

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

/** A projector as production runs it. */
export class ProjectorProcess extends ServiceProcess {
  constructor(env: Readonly<Record<string, string>>, port: number, profiles?: string) {
    super('projector', { env, port, profiles });
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

  async #pause(): Promise<void> {
    this.requireRunning();
    await delay(WAIT_MS);
  }

  async #ask(method: 'GET' | 'POST', path: string): Promise<unknown> {
    const answer = await fetch(`${this.url}${path}`, { method });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
