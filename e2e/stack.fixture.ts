import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const main = fileURLToPath(new URL('../apps/waybill/dist/main.js', import.meta.url));

const runSchema = z.object({
  pid: z.number(),
  adminKey: z.string(),
  ready: z.boolean(),
  receiverUrl: z.string(),
  regions: z.array(z.object({ id: z.string(), url: z.string(), natsUrl: z.string(), pids: z.record(z.string(), z.number()) })),
});
export type RunFile = z.output<typeof runSchema>;

export interface Cli {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** The whole product, started and used as a person does: through the built command line. */
export class LocalStack {
  readonly dataDir: string;
  readonly port: number;
  readonly #env: NodeJS.ProcessEnv;

  constructor(dataDir: string, port: number, env: NodeJS.ProcessEnv) {
    this.dataDir = dataDir;
    this.port = port;
    this.#env = { ...process.env, ...env };
  }

  static async create(env: NodeJS.ProcessEnv = {}): Promise<LocalStack> {
    if (!existsSync(main)) throw new Error('the end-to-end tests run the built product: run "npm run build" first');
    return new LocalStack(await mkdtemp(join(tmpdir(), 'waybill-e2e-')), await freePortBlock(), env);
  }

  up(): Promise<Cli> {
    return this.cli('up', '--detach', '--port', String(this.port));
  }

  /** Starts in the foreground, as a terminal does; the caller ends it by signal. */
  foreground(): ReturnType<typeof spawn> {
    return spawn(process.execPath, [main, 'up', '--data', this.dataDir, '--port', String(this.port)], { env: this.#env, stdio: 'ignore' });
  }

  async cli(...args: string[]): Promise<Cli> {
    const run = promisify(execFile)(process.execPath, [main, ...args, '--data', this.dataDir], { env: this.#env });
    try {
      return { ...(await run), code: 0 };
    } catch (error) {
      const failed = z.object({ stdout: z.string(), stderr: z.string(), code: z.number() }).parse(error);
      return failed;
    }
  }

  async state(): Promise<RunFile> {
    return runSchema.parse(JSON.parse(await readFile(join(this.dataDir, 'run.json'), 'utf8')));
  }

  async request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const { adminKey, regions } = await this.state();
    const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${regions[0]?.url ?? ''}${path}`, init);
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  async destroy(): Promise<void> {
    await this.cli('stop');
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** First of ten ports in a row that are free now. */
async function freePortBlock(): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const first = 20_000 + Math.floor(Math.random() * 3_000) * 10;
    const free = await Promise.all(Array.from({ length: 10 }, (_, offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
  throw new Error('no ten free ports in a row were found');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
