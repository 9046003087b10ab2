import type { DispatchTarget } from '@waybill/contracts';
import type { GithubFake } from '@waybill/github-fake';
import type { GithubConfig } from '../config/github-config.ts';
import { githubConfigOf } from '../config/github-environment.ts';
import type { GithubApp } from '../github-app.ts';
import { openGithubApp } from '../open-github-app.ts';

/** The configuration that a deployment would have for this fake. */
export function configOf({ url, app }: GithubFake, changes: Partial<GithubConfig> = {}): GithubConfig {
  const config = githubConfigOf({
    GITHUB_APP_ID: app.id,
    GITHUB_APP_PRIVATE_KEY: app.privateKey,
    GITHUB_WEBHOOK_SECRET: app.webhookSecret,
    GITHUB_API_URL: url,
    ALLOWED_OWNERS: '*',
  });
  if (config === undefined) throw new Error('GitHub is off');
  return { ...config, ...changes };
}

export function appOf(fake: GithubFake, changes: Partial<GithubConfig> = {}, nowMs?: () => number): GithubApp {
  return openGithubApp({ config: configOf(fake, changes), nowMs });
}

/** A dispatch of `cd.yml` on main. */
export function targetOf(fake: GithubFake, fullName: string, changes: Partial<DispatchTarget> = {}): DispatchTarget {
  const [owner = '', repo = ''] = fullName.split('/');
  return {
    key: '0'.repeat(32),
    host: 'github.com',
    installationId: fake.owner(owner).installationId,
    repositoryId: fake.repository(fullName).id,
    owner,
    repo,
    workflow: 'cd.yml',
    ref: 'main',
    inputs: {},
    rule: 'outbound[0]',
    chain: { id: 'c', depth: 1, ancestors: [] },
    ...changes,
  };
}
