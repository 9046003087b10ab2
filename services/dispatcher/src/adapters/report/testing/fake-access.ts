import type { DispatchDecided } from '@waybill/contracts';
import { type GithubConfig, githubConfigOf, openGithubApp } from '@waybill/github';
import { GithubFake } from '@waybill/github-fake';
import { EndpointGate } from '../../../application/endpoint-gate.ts';
import { DEFAULT_CIRCUIT_POLICY } from '../../../domain/circuit.ts';
import type { GithubAccess } from '../../dispatch/open-dispatches.ts';

/** The fake GitHub, and Apps that are connected to it as a deployment's are. */
export class FakeAccess {
  readonly fake: GithubFake;
  readonly #apps: GithubAccess['app'][] = [];

  private constructor(fake: GithubFake) {
    this.fake = fake;
  }

  static async start(): Promise<FakeAccess> {
    return new FakeAccess(await GithubFake.start());
  }

  /** One more process's access. */
  open(env: Record<string, string> = {}): GithubAccess {
    const config = this.#config(env);
    const app = openGithubApp({ config });
    this.#apps.push(app);
    return { config, app };
  }

  /** A repository as the source of a run; made when it is not there. */
  source(owner: string, repo: string): Pick<DispatchDecided['run'], 'owner' | 'repo' | 'repositoryId' | 'installationId'> {
    const { installationId } = this.fake.owner(owner);
    return { owner, repo, repositoryId: this.fake.repository(`${owner}/${repo}`).id, installationId };
  }

  async close(): Promise<void> {
    for (const app of this.#apps) await app.close();
    await this.fake.close();
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

/** A gate as a dispatcher has it. */
export const openGate = (): EndpointGate =>
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
