import { randomBytes } from 'node:crypto';
import {
  type DeliveryId,
  dispatchDeliveryId,
  type DispatchIntended,
  dispatchIntendedSchema,
  dispatchKey,
  type DispatchSettled,
  dispatchSettledSchema,
  type DispatchTarget,
  type EndpointId,
  type EventId,
  githubEndpointId,
  type GithubRun,
  githubTenantId,
  newEventId,
  type PlanHead,
  planHeadSchema,
  RUN_COMPLETED_TYPE,
  runIdentity,
} from '@waybill/contracts';
import { readWorkflowRun } from '@waybill/dispatching';
import { githubConfigOf, openGithubApp } from '@waybill/github';
import { GithubFake } from '@waybill/github-fake';

export const SOURCE = 'acme/my-source-repo';
export const TARGET = 'acme/my-target-repo';
const CONSENT = `inbound:
  - source: { repository: acme/my-source-repo, workflow: ci.yml }
    targets:
      - { workflow: cd.yml, accept_inputs: [n], refs: [main, release] }
      - { workflow: other.yml, accept_inputs: [n], refs: [main, release] }
`;

/** What is to be dispatched: by default `cd.yml` of the target. */
export interface Wanted {
  readonly repository?: string;
  readonly workflow?: string;
  readonly ref?: string;
  readonly inputs?: Readonly<Record<string, string>>;
}

/** A plan's head and the event's payload, and where its deliveries go. */
export interface DispatchPlan {
  readonly eventId: EventId;
  readonly head: PlanHead;
  readonly data: Buffer;
  readonly deliveries: readonly { readonly deliveryId: DeliveryId; readonly endpointId: EndpointId; readonly target: DispatchTarget }[];
}

/** A fake GitHub with a source, targets of two owners, and plans as the planner makes them. */
export class DispatchWorld {
  readonly fake: GithubFake;
  /** Each fake counts its runs from the same number on. */
  readonly #host = `github-${randomBytes(4).toString('hex')}.test`;
  readonly #installations: ReadonlyMap<string, string>;
  #runs = 1_000;

  private constructor(fake: GithubFake, installations: ReadonlyMap<string, string>) {
    this.fake = fake;
    this.#installations = installations;
  }

  static async start(): Promise<DispatchWorld> {
    const fake = await GithubFake.start();
    const owners = ['acme', 'beta'].map((owner) => [owner, fake.owner(owner).installationId] as const);
    fake.repository(SOURCE, { workflows: { 'ci.yml': {} } });
    const inputs = { n: { required: false } };
    for (const repository of [TARGET, 'beta/app']) {
      fake.repository(repository, {
        workflows: { 'cd.yml': { inputs }, 'other.yml': { inputs } },
        branches: ['main', 'release'],
        files: { 'dispatching.yml': CONSENT },
      });
    }
    return new DispatchWorld(fake, new Map(owners));
  }

  env(more: Record<string, string> = {}): Record<string, string> {
    const { app, url } = this.fake;
    return {
      GITHUB_APP_ID: app.id,
      GITHUB_APP_SLUG: app.slug,
      GITHUB_APP_PRIVATE_KEY: app.privateKey,
      GITHUB_WEBHOOK_SECRET: app.webhookSecret,
      GITHUB_API_URL: url,
      GITHUB_HOST: this.#host,
      GITHUB_TIMEOUT_MS: '1000',
      GITHUB_RECONCILE_SECONDS: '3',
      GITHUB_WRITES_PER_SECOND: '50',
      ALLOWED_OWNERS: 'acme,beta',
      MAX_PROCESSING_RETRIES: '5',
      ...more,
    };
  }

  /** A plan of region `region` for a new run of the source, `ageMs` old. */
  plan(region: string, wanted: readonly Wanted[], { ageMs = 0, acceptedIn = region } = {}): DispatchPlan {
    const nowMs = Date.now() - ageMs;
    const run = this.#run();
    const eventId = newEventId(nowMs, randomBytes(10));
    const deliveries = wanted.map((one) => {
      const target = this.#target(run, one);
      const { owner, repo, workflow, key } = target;
      return { deliveryId: dispatchDeliveryId(eventId, key), endpointId: githubEndpointId(owner, repo, workflow), target };
    });
    const at = new Date(nowMs).toISOString();
    const head = planHeadSchema.parse({
      v: 1,
      event: {
        eventId,
        eventType: RUN_COMPLETED_TYPE,
        tenantId: githubTenantId('acme'),
        source: 'github',
        region: acceptedIn,
        timestamp: at,
        correlationId: eventId,
      },
      region,
      acceptedSeq: 1,
      registryRevision: 0,
      deliveries: deliveries.map(({ deliveryId, endpointId, target: dispatch }) => ({ deliveryId, endpointId, dispatch })),
      at,
    });
    return { eventId, head, data: Buffer.from(JSON.stringify(run)), deliveries };
  }

  /** The intent of a plan's only dispatch, as a dispatcher that died right afterwards would have stored it. */
  intended(plan: DispatchPlan, region: string, atMs = Date.now()): DispatchIntended {
    return dispatchIntendedSchema.parse({ ...baseOf(plan, region, atMs), attempt: 1 });
  }

  settled(plan: DispatchPlan, region: string, outcome: DispatchSettled['outcome']): DispatchSettled {
    const chain = plan.deliveries[0]?.target.chain;
    return dispatchSettledSchema.parse({ ...baseOf(plan, region, Date.now()), chain, outcome });
  }

  /** Calls GitHub for a plan's only dispatch, as a dispatcher would; resolves with the id of the run. */
  async call({ deliveries: [one] }: DispatchPlan): Promise<string> {
    const config = githubConfigOf(this.env());
    if (config === undefined || one === undefined) throw new Error('nothing to call');
    const app = openGithubApp({ config });
    const answer = await app.dispatch(one.target, AbortSignal.timeout(10_000));
    await app.close();
    if (answer.kind !== 'started' || answer.runId === undefined) throw new Error(`not started: ${answer.kind}`);
    return answer.runId;
  }

  /** What really happened for this plan: the inputs of the runs that were started. */
  effects(plan: DispatchPlan): number {
    const mine = new Set(plan.deliveries.map(({ target }) => target.inputs['n']));
    return this.fake.ledger.dispatches.filter(({ inputs }) => mine.has(String(inputs['n']))).length;
  }

  /** Calls of the dispatch route into a repository, whatever came of them. */
  calls(route: string, owner = 'acme'): number {
    return this.fake.ledger.calls.filter((call) => call.route === route && call.path.includes(`/${owner}/`)).length;
  }

  #run(): GithubRun {
    this.#runs += 1;
    const body = this.fake.webhookBody(SOURCE, { workflow: 'ci.yml', runId: String(this.#runs) });
    const read = readWorkflowRun(body, this.#host);
    if (read === undefined) throw new Error('the fake sends runs that cannot be read');
    return read.run;
  }

  #target(run: GithubRun, { repository = TARGET, workflow = 'cd.yml', ref = 'main', inputs = {} }: Wanted): DispatchTarget {
    const [owner = '', repo = ''] = repository.split('/');
    const repositoryId = this.fake.repository(repository).id;
    const identity = { repositoryId, workflow, ref, inputs: { n: randomBytes(6).toString('hex'), ...inputs } };
    const key = dispatchKey(runIdentity(run), identity);
    const chain = { id: `c-${run.id}`, depth: 1, ancestors: [] };
    const installationId = this.#installations.get(owner) ?? '';
    return { ...identity, key, host: this.#host, installationId, owner, repo, rule: 'outbound[0]', chain };
  }
}

function baseOf({ eventId, head, deliveries }: DispatchPlan, region: string, atMs: number) {
  const [one] = deliveries;
  if (one === undefined) throw new Error('the plan is empty');
  const { deliveryId, endpointId, target } = one;
  const { key, host, repositoryId, workflow, ref } = target;
  const { tenantId } = head.event;
  const at = new Date(atMs).toISOString();
  return { v: 1, deliveryId, eventId, tenantId, endpointId, key, region, at, host, repositoryId, workflow, ref };
}
