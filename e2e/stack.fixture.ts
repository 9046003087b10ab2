import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

/** The product, however it was started, as the end-to-end tests use it. */
export interface Product {
  /** Starts everything, or starts it again; throws with what was said when that fails. */
  up(): Promise<Cli>;
  /** Drains and stops everything; the data stays. */
  down(): Promise<void>;
  /** The first region's own address. */
  url(): Promise<string>;
  cli(...args: string[]): Promise<Cli>;
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  destroy(): Promise<void>;
}

export const main = fileURLToPath(new URL('../apps/waybill/dist/main.js', import.meta.url));

/** As `npm start` comes: it keeps the traces of everything. Stacks whose tests do not look at them start quicker without. */
export const TRACED: NodeJS.ProcessEnv = { OTEL_SDK_DISABLED: '' };

const runSchema = z.object({
  pid: z.number(),
  adminKey: z.string(),
  ready: z.boolean(),
  receiverUrl: z.string(),
  githubUrl: z.string().optional(),
  tracesUrl: z.string().optional(),
  hub: z.object({ pids: z.array(z.number()) }),
  regions: z.array(
    z.object({
      id: z.string(),
      url: z.string(),
      natsUrl: z.string(),
      pids: z.record(z.string(), z.number()),
      services: z.record(z.string(), z.string()),
    }),
  ),
});
export type RunFile = z.output<typeof runSchema>;

export interface Cli {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** The whole product, started and used as a person does: through the built command line. */
export class LocalStack implements Product {
  readonly dataDir: string;
  readonly port: number;
  readonly #env: NodeJS.ProcessEnv;

  constructor(dataDir: string, port: number, env: NodeJS.ProcessEnv) {
    this.dataDir = dataDir;
    this.port = port;
    this.#env = { ...process.env, ...env };
  }

  /** Two regions unless `env` says otherwise (`REGION`), and no traces unless it is `TRACED`. */
  static async create(env: NodeJS.ProcessEnv = {}): Promise<LocalStack> {
    if (!existsSync(main)) throw new Error('the end-to-end tests run the built product: run "npm run build" first');
    return new LocalStack(await mkdtemp(join(tmpdir(), 'waybill-e2e-')), await freePortBlock(), { OTEL_SDK_DISABLED: 'true', ...env });
  }

  up(): Promise<Cli> {
    return this.cli('up', '--detach', '--port', String(this.port));
  }

  /** Starts in the foreground, as a terminal does; the caller ends it by signal. */
  foreground(): ReturnType<typeof spawn> {
    return spawn(process.execPath, [main, 'up', '--data', this.dataDir, '--port', String(this.port)], { env: this.#env, stdio: 'ignore' });
  }

  async down(): Promise<void> {
    const { code, stderr } = await this.cli('stop');
    if (code !== 0) throw new Error(stderr);
  }

  async url(): Promise<string> {
    return (await this.state()).regions[0]?.url ?? '';
  }

  cli(...args: string[]): Promise<Cli> {
    return runCli([...args, '--data', this.dataDir], this.#env);
  }

  async state(): Promise<RunFile> {
    return runSchema.parse(JSON.parse(await readFile(join(this.dataDir, 'run.json'), 'utf8')));
  }

  async request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const { adminKey } = await this.state();
    return callApi(await this.url(), adminKey, { method, path, body });
  }

  /** Calls the door of a region as an admin. */
  async at(region: string, ask: Ask): Promise<{ status: number; body: unknown }> {
    const { adminKey, regions } = await this.state();
    return callApi(regions.find(({ id }) => id === region)?.url ?? '', adminKey, ask);
  }

  async destroy(): Promise<void> {
    await this.cli('stop');
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the HTTP interface of a region with an admin key. */
export async function callApi(
  url: string,
  key: string,
  { method, path, body, headers: more }: Ask,
): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** Runs the built command line; a failure is an answer, not an exception. */
export async function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Cli> {
  const run = promisify(execFile)(process.execPath, [main, ...args], { env });
  try {
    return { ...(await run), code: 0 };
  } catch (error) {
    return z.object({ stdout: z.string(), stderr: z.string(), code: z.number() }).parse(error);
  }
}

const BLOCK = 40;

/** First of forty ports in a row that are free now: ten for each of four regions. */
export async function freePortBlock(): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const first = 20_000 + Math.floor(Math.random() * 300) * BLOCK;
    const free = await Promise.all(Array.from({ length: BLOCK }, (_, offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
  throw new Error('no forty free ports in a row were found');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
