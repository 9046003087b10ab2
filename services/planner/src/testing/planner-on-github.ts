import {
  type Chain,
  CONSUMERS,
  dispatchDecidedSchema,
  type DispatchDecided,
  type DispatchSettled,
  type FactType,
  type GithubRun,
  newEventId,
  type Pause,
  type PlanHead,
  planHeadSchema,
  splitRawData,
  streamNames,
  subjects,
} from '@waybill/contracts';
import { readWorkflowRun } from '@waybill/dispatching';
import { GithubFake, type RunOptions } from '@waybill/github-fake';
import type { RunningService } from '@waybill/runtime';
import { eventually, startNats, testLogger, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher, RegistryView, RegistryWriter, scanStream } from '@waybill/transport';
import { z } from 'zod';
import { startPlanner } from '../start-planner.ts';
import { acceptedBody } from './planner-in-memory.ts';
import { runBody } from './finished-run.ts';

const region = 'local';
const host = 'github.test';
const healthSchema = z.object({ dependencies: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })) });

/** What a planner needs to know of the fake's App. */
export const githubEnvironment = ({ url, app }: GithubFake): Record<string, string> => ({
  GITHUB_APP_ID: app.id,
  GITHUB_APP_SLUG: app.slug,
  GITHUB_APP_PRIVATE_KEY: app.privateKey,
  GITHUB_WEBHOOK_SECRET: app.webhookSecret,
  GITHUB_API_URL: url,
  GITHUB_HOST: host,
  GITHUB_FRESH_SECONDS: '0',
  GITHUB_TIMEOUT_MS: '3000',
  ALLOWED_OWNERS: '*',
});

/** A finished run of the fake, as its webhook tells it. */
export function runOf(fake: GithubFake, fullName: string, options: RunOptions): GithubRun {
  const read = readWorkflowRun(fake.webhookBody(fullName, options), host);
  if (read === undefined) throw new Error('the fake sends what cannot be read');
  return read.run;
}

/** The planner of one region between a real log and the fake GitHub. */
export class PlannerOnGithub {
  readonly nats: TestNats;
  readonly fake: GithubFake;
  readonly #bus: Bus;
  readonly #publisher: Publisher;
  readonly #registry: RegistryView;
  readonly #writer: RegistryWriter;
  #planner: RunningService | undefined;
  #events = 0;

  private constructor(parts: { nats: TestNats; fake: GithubFake; bus: Bus; registry: RegistryView }) {
    this.nats = parts.nats;
    this.fake = parts.fake;
    this.#bus = parts.bus;
    this.#registry = parts.registry;
    this.#publisher = new Publisher(parts.bus);
    this.#writer = new RegistryWriter(parts.bus, region, parts.registry);
  }

  static async open(): Promise<PlannerOnGithub> {
    const [nats, fake] = await Promise.all([startNats({ region }), GithubFake.start()]);
    const bus = await connectBus({ servers: nats.url, name: 'runs-spec' });
    return new PlannerOnGithub({ nats, fake, bus, registry: await RegistryView.follow(bus, testLogger(), region) });
  }

  async close(): Promise<void> {
    await this.stop();
    this.#registry.close();
    this.#publisher.close();
    await this.#bus.close();
    await Promise.all([this.nats.cleanup(), this.fake.close()]);
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    const place = { NATS_URL: this.nats.url, REGION: region, LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent' };
    this.#planner = await startPlanner({ ...place, ...githubEnvironment(this.fake), ...env });
  }

  async stop(): Promise<void> {
    await this.#planner?.close();
    this.#planner = undefined;
  }

  /** Two repositories of an owner that consent to `ci.yml` starting `cd.yml`. */
  pair(owner: string, { targets = ['my-target-repo'] }: { targets?: readonly string[] } = {}): void {
    const listed = targets.map((repository) => `      - { repository: ${repository}, workflow: cd.yml }`).join('\n');
    this.fake.owner(owner);
    this.fake.repository(`${owner}/my-source-repo`, {
      files: { 'dispatching.yml': `outbound:\n  - source: { workflow: ci.yml }\n    targets:\n${listed}\n` },
      workflows: { 'ci.yml': {}, 'cd.yml': {} },
    });
    for (const target of targets) if (!target.includes('/')) this.target(`${owner}/${target}`);
  }

  /** A repository that lets `source` start its `cd.yml`. */
  target(fullName: string, source = 'my-source-repo'): void {
    const files = {
      'dispatching.yml': `inbound:\n  - source: { repository: ${source}, workflow: "*" }\n    targets:\n      - { workflow: cd.yml }\n`,
    };
    this.fake.repository(fullName, { files, workflows: { 'cd.yml': {} } });
  }

  /** Stores a finished run as the ingress does; resolves with the id of its event. */
  async finish(fullName: string, { change = {}, ...options }: Partial<RunOptions> & { change?: Partial<GithubRun> } = {}): Promise<string> {
    return this.accept({ ...runOf(this.fake, fullName, { workflow: 'ci.yml', ...options }), ...change });
  }

  async accept(run: GithubRun): Promise<string> {
    const eventId = newEventId(Date.now(), Buffer.alloc(10, (this.#events += 1)));
    const body = runBody(eventId, region, run);
    await this.#publisher.publish({ subject: subjects.fact(region, 'g', 'run.completed'), body, msgId: eventId });
    return eventId;
  }

  /** Stores an event that has nothing to do with GitHub. */
  async acceptOther(eventId: string): Promise<void> {
    const subject = subjects.fact(region, 'g', 'event.accepted');
    await this.#publisher.publish({ subject, body: acceptedBody(eventId, region), msgId: eventId });
  }

  /** The dispatcher says that a decision's first target was started as this run. */
  async settle({ targets: [target], eventId, tenantId }: DispatchDecided, runId: string): Promise<Chain> {
    if (target?.dispatch === undefined) throw new Error('nothing was allowed');
    const { deliveryId, endpointId, dispatch, workflow } = target;
    const { key, repositoryId, ref, chain } = dispatch;
    const of = { v: 1, deliveryId, eventId, tenantId, endpointId, key, region, at: new Date().toISOString() } as const;
    const fact: DispatchSettled = { ...of, host, repositoryId, workflow, ref, chain, outcome: { kind: 'started', runId, how: 'answered' } };
    const message = { subject: subjects.fact(region, 'g', 'dispatch.settled'), body: JSON.stringify(fact), msgId: `settled:${deliveryId}` };
    await this.#publisher.publish(message);
    return chain;
  }

  async pause(pause: Pause): Promise<void> {
    await this.#writer.put('pause', [pause.id], pause);
  }

  async unpause(id: string): Promise<void> {
    await this.#writer.remove('pause', [id]);
  }

  /** The decision of an event; waits for it and its plan. */
  async decisionOf(eventId: string): Promise<DispatchDecided> {
    let found: DispatchDecided | undefined;
    await eventually(
      async () => {
        if ((await this.plansOf(eventId)).length === 0) return false;
        found = (await this.decisions()).find((fact) => fact.eventId === eventId);
        return found !== undefined;
      },
      60_000,
      () => `no decision and plan of ${eventId}`,
    );
    if (found === undefined) throw new Error('cannot be');
    return found;
  }

  /** What became of a run, in words: why it was skipped, or for each target its ref or the reason of its denial. */
  async resultOf(eventId: string): Promise<string[]> {
    const { skip, targets } = await this.decisionOf(eventId);
    if (skip !== undefined) return [`skip ${skip.reason}`];
    return targets.map(({ denied, dispatch }) => (denied === undefined ? `allow ${dispatch?.ref}` : `deny ${denied.reason}`));
  }

  async decisions(): Promise<DispatchDecided[]> {
    return (await this.#facts('dispatch.decided')).map((body) => dispatchDecidedSchema.parse(JSON.parse(body.toString())));
  }

  async plansOf(eventId: string): Promise<PlanHead[]> {
    return (await this.#facts('plan.made'))
      .map((body) => planHeadSchema.parse(splitRawData(body).head))
      .filter(({ event }) => event.eventId === eventId);
  }

  async ended(): Promise<unknown[]> {
    return (await this.#facts('dispatch.ended')).map((body): unknown => JSON.parse(body.toString()));
  }

  /** What the planner's health says of GitHub. */
  async github(): Promise<{ readonly ok: boolean; readonly detail?: string | undefined } | undefined> {
    const answer = await fetch(`${this.#planner?.url ?? ''}/health/ready`);
    return healthSchema.parse(await answer.json()).dependencies['github'];
  }

  /** Events that wait, unsettled, at the consumer of runs. */
  async unsettled(): Promise<number> {
    const { num_ack_pending, num_pending } = await this.#bus.jsm.consumers.info(streamNames(region).log, CONSUMERS.plannerRuns);
    return num_ack_pending + num_pending;
  }

  /** As when the planner had died before it: the plan is gone, its Msg-Id forgotten, and the event is handed out again. */
  async undoPlan(eventId: string): Promise<void> {
    const { log } = streamNames(region);
    let acceptedSeq = 0;
    let place = 0;
    await scanStream(this.#bus, { stream: log, subjects: [subjects.factFilter(region, 'plan.made')] }, ({ body, seq }) => {
      const head = planHeadSchema.parse(splitRawData(body).head);
      if (head.event.eventId !== eventId) return;
      acceptedSeq = head.acceptedSeq;
      place = seq;
    });
    const { streams, consumers } = this.#bus.jsm;
    // A server whose newest message is deleted finds nothing by time when it starts (2.15.1).
    await this.acceptOther(`behind ${eventId}`);
    await streams.deleteMessage(log, place);
    await consumers.reset(log, CONSUMERS.plannerRuns, acceptedSeq);
    // A server that starts learns the Msg-Ids of the messages that it has.
    await this.nats.kill();
    await this.nats.restart();
    await eventually(() => this.#bus.isUp());
  }

  /** All that a stream holds, as text. */
  async everythingIn(stream: string): Promise<string> {
    const texts: string[] = [];
    await scanStream(this.#bus, { stream, subjects: ['>'] }, ({ body }) => {
      texts.push(Buffer.from(body).toString());
    });
    return texts.join('\n');
  }

  async #facts(type: FactType): Promise<Buffer[]> {
    const bodies: Buffer[] = [];
    await scanStream(this.#bus, { stream: streamNames(region).log, subjects: [subjects.factFilter(region, type)] }, ({ body }) => {
      bodies.push(Buffer.from(body));
    });
    return bodies;
  }
}
