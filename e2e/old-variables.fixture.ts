import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNatsServer, launchNats, type RunningNats } from '@waybill/nats-server';
import { eventually } from '@waybill/testkit';
import { callApi, type Cli, freePortBlock, type Product, runCli } from './stack.fixture.ts';

const services = fileURLToPath(new URL('../services', import.meta.url));
/** In the order in which they are drained. */
const SERVICES = ['ingress', 'planner', 'dispatcher', 'projector'] as const;
const OK: Cli = { stdout: '', stderr: '', code: 0 };

/**
 * Services that were configured before there were several regions: REGION, REGION_HOST, REGION_KEY and APP_PORT, and nothing that came later.
 * The server asks for a token, which is what a REGION_KEY alone is.
 */
export class OldVariablesStack implements Product {
  readonly #folder: string;
  readonly #port: number;
  readonly #key = randomBytes(12).toString('hex');
  readonly #adminKey = randomBytes(12).toString('hex');
  #nats: RunningNats | undefined;
  #processes: ChildProcess[] = [];

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async create(): Promise<OldVariablesStack> {
    return new OldVariablesStack(await mkdtemp(join(tmpdir(), 'waybill-e2e-old-')), await freePortBlock());
  }

  async up(): Promise<Cli> {
    await this.#startNats();
    const provisioned = await runCli(['provision', '--data', this.#folder], this.#env(0));
    if (provisioned.code !== 0) throw new Error(provisioned.stderr);
    for (const [index, name] of SERVICES.entries()) await this.#startService(name, index);
    await Promise.all(SERVICES.map((_, index) => this.#ready(index)));
    return OK;
  }

  async down(): Promise<void> {
    for (const child of this.#processes.splice(0)) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    await this.#nats?.stop();
  }

  url(): Promise<string> {
    return Promise.resolve(`http://127.0.0.1:${this.#port}`);
  }

  cli(...args: string[]): Promise<Cli> {
    return runCli([...args, '--data', this.#folder], {
      ...process.env,
      WAYBILL_URL: `http://127.0.0.1:${this.#port}`,
      MANAGEMENT_API_KEY: this.#adminKey,
    });
  }

  async request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    return callApi(await this.url(), this.#adminKey, { method, path, body });
  }

  async destroy(): Promise<void> {
    await this.down();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #startNats(): Promise<void> {
    const { binary } = await findNatsServer();
    const folder = join(this.#folder, 'nats');
    await mkdir(folder, { recursive: true });
    const configFile = join(folder, 'nats-server.conf');
    const lines = [
      `listen: "127.0.0.1:${this.#natsPort}"`,
      'max_payload: 8388608',
      `jetstream { store_dir: "${folder}" }`,
      `authorization { token: "${this.#key}" }`,
    ];
    await writeFile(configFile, lines.join('\n'), { mode: 0o600 });
    this.#nats = await launchNats({ binary, folder, configFile, storeDir: folder });
  }

  async #startService(name: string, index: number): Promise<void> {
    const env = this.#env(index);
    await mkdir(String(env['DATA_DIR']), { recursive: true });
    this.#processes.push(spawn(process.execPath, [join(services, name, 'dist/main.js')], { env, stdio: 'ignore' }));
  }

  #env(index: number): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      REGION: 'us-central1',
      REGION_HOST: `nats://127.0.0.1:${this.#natsPort}`,
      REGION_KEY: this.#key,
      APP_PORT: String(this.#port + index),
      LOG_LEVEL: 'warn',
      EGRESS_ALLOW: 'loopback',
      MANAGEMENT_API_KEY: this.#adminKey,
      DATA_DIR: join(this.#folder, SERVICES[index] ?? ''),
      PROJECTOR_URL: `http://127.0.0.1:${this.#port + SERVICES.indexOf('projector')}`,
    };
  }

  async #ready(index: number): Promise<void> {
    const isReady = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${this.#port + index}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually(isReady, 60_000, () => `${SERVICES[index]} is not ready`);
  }

  get #natsPort(): number {
    return this.#port + SERVICES.length;
  }
}
