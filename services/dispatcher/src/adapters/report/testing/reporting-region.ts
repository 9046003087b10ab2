import { randomBytes } from 'node:crypto';
import { type DispatchReported, dispatchReportedSchema, streamNames, subjects } from '@waybill/contracts';
import type { GithubFake } from '@waybill/github-fake';
import { startNats, testLogger, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher, scanStream } from '@waybill/transport';
import type { DispatchFact } from '../../../domain/report/story.ts';
import { RunFacts, type TargetWish } from '../../../domain/report/testing/facts.ts';
import { openReports, type Reports } from '../open-reports.ts';
import { FakeAccess, openGate } from './fake-access.ts';

const REGION = 'local';

/** A region on a real nats-server whose reports go to the fake GitHub, and what planner and dispatcher would have said in it. */
export class ReportingRegion {
  readonly fake: GithubFake;
  readonly #github: FakeAccess;
  readonly #nats: TestNats;
  readonly #bus: Bus;
  readonly #publisher: Publisher;
  readonly #open: (() => Promise<void>)[] = [];

  private constructor(github: FakeAccess, nats: TestNats, bus: Bus) {
    this.fake = github.fake;
    this.#github = github;
    this.#nats = nats;
    this.#bus = bus;
    this.#publisher = new Publisher(bus);
  }

  static async start(): Promise<ReportingRegion> {
    const [github, nats] = await Promise.all([FakeAccess.start(), startNats({ region: REGION })]);
    return new ReportingRegion(github, nats, await connectBus({ servers: nats.url, name: 'test' }));
  }

  /** A process that reports, with its own connection to GitHub. */
  report(env: Record<string, string> = {}): Reports | undefined {
    const reports = openReports({
      settings: { region: REGION, order: [REGION], peers: [], everythingIn: undefined },
      github: this.#github.open(env),
      bus: this.#bus,
      publish: (message) => this.#publisher.publish(message),
      registry: { tenant: () => undefined },
      view: undefined,
      permission: { open: true },
      gate: openGate(),
      persistence: { until: (write) => write() },
      logger: testLogger(),
      issueEveryMs: 500,
      nowMs: Date.now,
    });
    this.#open.push(async () => reports?.close());
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
    await Promise.all([this.#nats.cleanup(), this.#github.close()]);
  }

  /** A run of `acme/<repo>`, which is made when it is not there. */
  run(n: number, targets: readonly TargetWish[], repo: string): RunFacts {
    return new RunFacts(n, targets, {}, { ...this.#github.source('acme', repo), id: `${n}` });
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

  /** What was reported of a run; claims say nothing. */
  async reported({ eventId }: RunFacts): Promise<DispatchReported[]> {
    const facts: DispatchReported[] = [];
    const scan = { stream: streamNames(REGION).log, subjects: [subjects.factFilter(REGION, 'dispatch.reported')] };
    await scanStream(
      this.#bus,
      scan,
      ({ body }) => void facts.push(dispatchReportedSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')))),
    );
    return facts.filter((fact) => fact.eventId === eventId && fact.digest !== '/');
  }
}
