import { createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { Tokens } from './auth/tokens.ts';
import { controlRoutes } from './control/control.ts';
import { Faults } from './faults/faults.ts';
import type { Delivery } from './hooks/deliveries.ts';
import { Hooks } from './hooks/hooks.ts';
import { signatureOf, webhookBody } from './hooks/payload.ts';
import { RunLife } from './hooks/run-life.ts';
import type { FakeApp, FakeOptions, OwnerOptions, RepositoryOptions, RunOptions } from './options.ts';
import type { Parts } from './routes/parts.ts';
import { apiServer } from './server/api.ts';
import { RateLimits } from './server/rate-limits.ts';
import { Ledger } from './state/ledger.ts';
import { World } from './state/world.ts';

/**
 * GitHub's REST API and its webhooks as far as Waybill uses them, as a real HTTP server with its state in memory. Calls take effect at
 * once; webhooks are sent in the background, once, to `hookUrl`. Nothing survives `close`.
 */
export class GithubFake {
  readonly app: FakeApp;
  readonly hooks: Hooks;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly tokens: Tokens;
  private readonly parts: Parts;
  private readonly server: FastifyInstance;
  private readonly host: string;
  private port: number;

  private constructor(app: FakeApp, options: FakeOptions) {
    this.app = app;
    this.host = options.host ?? '127.0.0.1';
    this.port = options.port ?? 0;
    const world = new World(options.firstRunId);
    this.hooks = new Hooks(world, app, () => this.url, options.webhookLagMs ?? 0);
    this.faults = new Faults();
    this.ledger = new Ledger();
    this.tokens = new Tokens(options.tokenFormat ?? 'short');
    this.parts = {
      app,
      profile: options.profile ?? 'github.com',
      world,
      tokens: this.tokens,
      hooks: this.hooks,
      life: new RunLife(world, this.hooks, app),
      ledger: this.ledger,
      faults: this.faults,
      limits: new RateLimits(world, options.rateLimit ?? 1_000_000),
    };
    const desk = { parts: this.parts, publicKey: createPublicKey(app.privateKey), base: () => this.url, validate: options.validate };
    this.server = apiServer(desk);
    controlRoutes(this.server, this, this.parts);
  }

  /** Listens on 127.0.0.1 unless `options.host` says otherwise. Without `options.app.privateKey` a key is made. */
  static async start(options: FakeOptions = {}): Promise<GithubFake> {
    const { app = {} } = options;
    const fake = new GithubFake(
      {
        id: app.id ?? '12345',
        clientId: app.clientId ?? `Iv1.${app.id ?? '12345'}`,
        slug: app.slug ?? 'waybill',
        privateKey: app.privateKey ?? (await newPrivateKey()),
        webhookSecret: app.webhookSecret ?? 'a-webhook-secret-of-the-fake',
      },
      options,
    );
    const address = await fake.server.listen({ host: fake.host, port: fake.port });
    fake.port = Number(new URL(address).port);
    return fake;
  }

  /** Base URL of the API, without a trailing slash. */
  get url(): string {
    return `http://${this.host}:${this.port}`;
  }

  /** Where webhooks go; undefined: they are recorded as failed deliveries. */
  get hookUrl(): string | undefined {
    return this.hooks.url;
  }

  set hookUrl(url: string | undefined) {
    this.hooks.url = url;
  }

  /** The App's delivery list, oldest first. */
  get deliveries(): readonly Delivery[] {
    return this.hooks.deliveries.all;
  }

  /** Makes or changes an owner with the App's installation. */
  owner(login: string, options: OwnerOptions = {}): { readonly installationId: string } {
    return { installationId: this.parts.world.owner(login, options).installationId };
  }

  /** Makes or changes a repository (`owner/name`); what `options` leaves out stays. */
  repository(fullName: string, options: RepositoryOptions = {}): { readonly id: string } {
    return { id: String(this.parts.world.repository(fullName, options).id) };
  }

  putFile(fullName: string, path: string, text: string): void {
    this.parts.world.file(this.parts.world.known(fullName), path, text);
  }

  removeFile(fullName: string, path: string): void {
    this.parts.world.file(this.parts.world.known(fullName), path, undefined);
  }

  /** The old name answers with a redirect from now on. */
  rename(from: string, to: string): void {
    this.parts.world.rename(from, to);
  }

  /** A run ends: its webhook goes out. */
  finishRun(fullName: string, options: RunOptions): { readonly runId: string; readonly guid: string } {
    const { run, guid } = this.parts.life.finish(this.parts.world.known(fullName), options);
    return { runId: run.id, guid };
  }

  /** The JSON text that `finishRun` would send; nothing is sent. */
  webhookBody(fullName: string, options: RunOptions): string {
    return webhookBody(this.url, this.parts.life.preview(this.parts.world.known(fullName), options));
  }

  /** The value of `x-hub-signature-256` for a body. */
  sign(body: string): string {
    return signatureOf(body, this.hooks.secret);
  }

  /** Moves the fake's clock on, so that tokens and limits run out. */
  advance(ms: number): void {
    this.parts.world.advance(ms);
  }

  /** Resolves when all outgoing webhooks are answered and all dispatched runs have ended. */
  settled(): Promise<void> {
    return this.hooks.settled();
  }

  async close(): Promise<void> {
    await this.hooks.close();
    await this.server.close();
  }
}

async function newPrivateKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return String(privateKey.export({ type: 'pkcs1', format: 'pem' }));
}
