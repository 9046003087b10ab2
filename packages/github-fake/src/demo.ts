import type { GithubFake } from './github-fake.ts';

const SOURCE = `outbound:
  - source:
      workflow: ci.yml
    targets:
      - repository: my-target-repo
        workflow: cd.yml
      - repository: my-closed-repo
        workflow: cd.yml
`;

const TARGET = `inbound:
  - source:
      repository: my-source-repo
      workflow: ci.yml
    targets:
      - workflow: cd.yml
`;

/**
 * Makes the owner `acme` with three repositories: `my-source-repo`, whose `ci.yml` starts `cd.yml` in the two others; `my-target-repo`,
 * which consents; and `my-closed-repo`, which does not.
 */
export function seedDemo(fake: Pick<GithubFake, 'owner' | 'repository'>): void {
  fake.owner('acme');
  const workflows = { 'cd.yml': { runsForMs: 1000 } };
  fake.repository('acme/my-source-repo', { files: { 'dispatching.yml': SOURCE }, workflows: { 'ci.yml': {} } });
  fake.repository('acme/my-target-repo', { files: { 'dispatching.yml': TARGET }, workflows });
  fake.repository('acme/my-closed-repo', { files: { 'dispatching.yml': 'inbound: []\n' }, workflows });
}
