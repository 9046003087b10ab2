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
export type ServiceName = (typeof SERVICES)[number];
/** Where the ports begin of those that run beside the first ones; the server's is between. */
const BESIDE = SERVICES.length + 1;
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
  readonly #extra: NodeJS.ProcessEnv;
  #nats: RunningNats | undefined;
  /** By their place in the block of ports. */
  readonly #processes = new Map<number, ChildProcess>();

  private constructor(folder: string, port: number, extra: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#port = port;
    this.#extra = extra;
  }

  /** `extra`: set for every service besides. */
  static async create(extra: NodeJS.ProcessEnv = {}): Promise<OldVariablesStack> {
    return new OldVariablesStack(await mkdtemp(join(tmpdir(), 'waybill-e2e-old-')), await freePortBlock(), extra);
  }

  async up(): Promise<Cli> {
    await this.#startNats();
    const provisioned = await runCli(['provision', '--data', this.#folder], this.#env(0));
    if (provisioned.code !== 0) throw new Error(provisioned.stderr);
    for (const [index, name] of SERVICES.entries()) await this.#startService(name, index, this.#extra);
    await Promise.all(SERVICES.map((name, index) => this.#ready(name, index)));
    return OK;
  }

  async down(): Promise<void> {
    for (const place of [...this.#processes.keys()].toSorted((a, b) => a - b)) await this.#stopAt(place);
    await this.#nats?.stop();
  }

  /** Starts one more process of a service with another environment, beside the one that runs; resolves with its address when it is ready. */
  async startBeside(name: ServiceName, extra: NodeJS.ProcessEnv): Promise<string> {
    const place = BESIDE + SERVICES.indexOf(name);
    await this.#startService(name, place, extra);
    await this.#ready(name, place);
    return `http://127.0.0.1:${this.#port + place}`;
  }

  /** Drains and ends the process that `up` started. */
  stopFirst(name: ServiceName): Promise<void> {
    return this.#stopAt(SERVICES.indexOf(name));
  }

  /** Calls a door other than the first one. */
  requestAt(url: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    return callApi(url, this.#adminKey, { method, path, body });
  }

  async #stopAt(place: number): Promise<void> {
    const child = this.#processes.get(place);
    if (child === undefined) return;
    this.#processes.delete(place);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
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

  async #startService(name: ServiceName, place: number, extra: NodeJS.ProcessEnv): Promise<void> {
    const env = { ...this.#env(place), ...extra };
    await mkdir(String(env['DATA_DIR']), { recursive: true });
    this.#processes.set(place, spawn(process.execPath, [join(services, name, 'dist/main.js')], { env, stdio: 'ignore' }));
  }

  #env(place: number): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      REGION: 'us-central1',
      REGION_HOST: `nats://127.0.0.1:${this.#natsPort}`,
      REGION_KEY: this.#key,
      APP_PORT: String(this.#port + place),
      LOG_LEVEL: 'warn',
      EGRESS_ALLOW: 'loopback',
      MANAGEMENT_API_KEY: this.#adminKey,
      DATA_DIR: join(this.#folder, String(place)),
      PROJECTOR_URL: `http://127.0.0.1:${this.#port + SERVICES.indexOf('projector')}`,
    };
  }

  async #ready(name: ServiceName, place: number): Promise<void> {
    const isReady = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${this.#port + place}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually(isReady, 60_000, () => `${name} is not ready`);
  }

  get #natsPort(): number {
    return this.#port + SERVICES.length;
  }
}
