import { randomBytes } from 'node:crypto';
import { type DispatchReported, dispatchReportedSchema, streamNames, subjects } from '@waybill/contracts';
import { type GithubConfig, githubConfigOf, openGithubApp } from '@waybill/github';
import { GithubFake } from '@waybill/github-fake';
import { startNats, testLogger, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher, scanStream } from '@waybill/transport';
import { EndpointGate } from '../../../application/endpoint-gate.ts';
import { DEFAULT_CIRCUIT_POLICY } from '../../../domain/circuit.ts';
import type { DispatchFact } from '../../../domain/report/story.ts';
import { RunFacts, type TargetWish } from '../../../domain/report/testing/facts.ts';
import { openReports, type Reports } from '../open-reports.ts';

const REGION = 'local';

/** A region on a real nats-server whose reports go to the fake GitHub, and what planner and dispatcher would have said in it. */
export class ReportingRegion {
  readonly fake: GithubFake;
  readonly #nats: TestNats;
  readonly #bus: Bus;
  readonly #publisher: Publisher;
  readonly #open: (() => Promise<void>)[] = [];

  private constructor(fake: GithubFake, nats: TestNats, bus: Bus) {
    this.fake = fake;
    this.#nats = nats;
    this.#bus = bus;
    this.#publisher = new Publisher(bus);
  }

  static async start(): Promise<ReportingRegion> {
    const [fake, nats] = await Promise.all([GithubFake.start(), startNats({ region: REGION })]);
    return new ReportingRegion(fake, nats, await connectBus({ servers: nats.url, name: 'test' }));
  }

  /** A process that reports, with its own connection to GitHub. */
  report(env: Record<string, string> = {}): Reports | undefined {
    const config = this.#config(env);
    const app = openGithubApp({ config });
    const reports = openReports({
      settings: { region: REGION, order: [REGION], peers: [], everythingIn: undefined },
      github: { config, app },
      bus: this.#bus,
      publish: (message) => this.#publisher.publish(message),
      registry: { tenant: () => undefined },
      view: undefined,
      permission: { open: true },
      gate: gate(),
      persistence: { until: (write) => write() },
      logger: testLogger(),
      issueEveryMs: 500,
      nowMs: Date.now,
    });
    this.#open.push(async () => {
      await reports?.close();
      await app.close();
    });
    return reports;
  }

  /** Ends all processes that report. */
  async stopReports(): Promise<void> {
    for (const stop of this.#open.splice(0)) await stop();
  }

  async stop(): Promise<void> {
    await this.stopReports();
    this.#publisher.close();
    await this.#bus.close();
    await Promise.all([this.#nats.cleanup(), this.fake.close()]);
  }

  /** A run of `acme/<repo>`, which is made when it is not there. */
  run(n: number, targets: readonly TargetWish[], repo: string): RunFacts {
    const { installationId } = this.fake.owner('acme');
    const { id } = this.fake.repository(`acme/${repo}`);
    return new RunFacts(n, targets, {}, { repo, repositoryId: id, installationId, id: `${n}` });
  }

  async tell(...facts: readonly DispatchFact[]): Promise<void> {
    for (const told of facts) {
      const subject = subjects.fact(REGION, 'g', told.type);
      await this.#publisher.publish({ subject, msgId: randomBytes(8).toString('hex'), body: JSON.stringify(told.fact) });
    }
  }

  checks(repo: string): GithubFake['ledger']['checkRuns'] {
    return this.fake.ledger.checkRuns.filter(({ repository }) => repository === `acme/${repo}`);
  }

  issues(repo: string): GithubFake['ledger']['issues'] {
    return this.fake.ledger.issues.filter(({ repository }) => repository === `acme/${repo}`);
  }

  /** Writes into a repository that GitHub answered well, as `POST /repos/…`. */
  writes(repo: string): string[] {
    return this.fake.ledger.calls
      .filter(({ method, path, status }) => method !== 'GET' && path.startsWith(`/repos/acme/${repo}/`) && status < 300)
      .map(({ method, path }) => `${method} ${path.split('/').slice(4).join('/')}`);
  }

  async reported({ eventId }: RunFacts): Promise<DispatchReported[]> {
    const facts: DispatchReported[] = [];
    const scan = { stream: streamNames(REGION).log, subjects: [subjects.factFilter(REGION, 'dispatch.reported')] };
    await scanStream(
      this.#bus,
      scan,
      ({ body }) => void facts.push(dispatchReportedSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')))),
    );
    return facts.filter((fact) => fact.eventId === eventId);
  }

  #config(env: Record<string, string>): GithubConfig {
    const { url, app } = this.fake;
    const config = githubConfigOf({
      GITHUB_APP_ID: app.id,
      GITHUB_APP_SLUG: app.slug,
      GITHUB_APP_PRIVATE_KEY: app.privateKey,
      GITHUB_WEBHOOK_SECRET: app.webhookSecret,
      GITHUB_API_URL: url,
      GITHUB_WRITES_PER_SECOND: '20',
      ALLOWED_OWNERS: '*',
      ...env,
    });
    if (config === undefined) throw new Error('GitHub is off');
    return config;
  }
}

const gate = (): EndpointGate =>
  new EndpointGate({
    endpointConcurrency: 20,
    queueLength: 10,
    queueWaitMs: 1_000,
    concurrency: 100,
    retryShare: 0.25,
    circuit: DEFAULT_CIRCUIT_POLICY,
    nowMs: Date.now,
    random: Math.random,
  });
