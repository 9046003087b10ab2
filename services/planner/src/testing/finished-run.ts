import { GITHUB_SOURCE, type GithubRun, githubTenantId, joinRawData, RUN_COMPLETED_TYPE } from '@waybill/contracts';

const at = '2026-01-01T00:00:00.000Z';
export const BOT = { id: '99', login: 'waybill[bot]', type: 'Bot' };

/** A finished run of `acme/my-source-repo`, `ci.yml` on the default branch. */
export function finishedRun(id: string, change: Partial<GithubRun> = {}): GithubRun {
  const repository = {
    id: '1',
    owner: 'acme',
    ownerId: '7',
    name: 'my-source-repo',
    defaultBranch: 'main',
    private: true,
    archived: false,
  };
  const actor = { id: '5', login: 'mona', type: 'User' };
  return {
    host: 'github.com',
    installationId: '40',
    repository,
    id,
    number: 1,
    attempt: 1,
    workflowId: '3',
    path: '.github/workflows/ci.yml',
    conclusion: 'success',
    event: 'push',
    headBranch: 'main',
    headSha: 'a'.repeat(40),
    headRepository: { id: '1', fullName: 'acme/my-source-repo' },
    actor,
    triggeringActor: actor,
    url: `https://github.com/acme/my-source-repo/actions/runs/${id}`,
    createdAt: at,
    startedAt: at,
    updatedAt: at,
    ...change,
  };
}

export const startedByBot = (id: string, change: Partial<GithubRun> = {}): GithubRun =>
  finishedRun(id, { triggeringActor: BOT, ...change });

/** The envelope of a finished run, as the ingress of `region` stores it. */
export function runBody(eventId: string, region: string, run: object): Buffer {
  const about = { eventType: RUN_COMPLETED_TYPE, timestamp: at, region, tenantId: githubTenantId('acme'), source: GITHUB_SOURCE };
  return joinRawData({ version: 3, minCompatible: 2, eventId, correlationId: eventId, ...about }, Buffer.from(JSON.stringify(run)));
}
