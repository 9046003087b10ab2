import { z } from 'zod';

/** GitHub's ids as text: some exceed 2^53. */
const githubId = z.string().regex(/^\d{1,20}$/);
const actorSchema = z.object({ id: githubId, login: z.string(), type: z.string() });

/**
 * A finished workflow run: all that is kept of GitHub's `workflow_run` webhook (API version 2026-03-10), and the `data` of the event
 * `github.workflow_run.completed`. Titles and commit messages are left out, for strangers write them.
 */
export const githubRunSchema = z.object({
  /** Host name of the GitHub that it ran on, such as `github.com`. */
  host: z.string().min(1),
  /** Absent in some payloads: it is looked up by repository then. */
  installationId: githubId.optional(),
  repository: z.object({
    id: githubId,
    owner: z.string(),
    ownerId: githubId,
    name: z.string(),
    defaultBranch: z.string(),
    private: z.boolean(),
    archived: z.boolean(),
  }),
  id: githubId,
  number: z.int(),
  /** From 1; a re-run keeps the id and raises this. */
  attempt: z.int().min(1),
  workflowId: githubId,
  /** As GitHub writes it; may carry `@ref`. */
  path: z.string(),
  conclusion: z.string().nullable(),
  /** What started the run, such as `push`. */
  event: z.string(),
  headBranch: z.string().nullable(),
  headSha: z.string(),
  /** Null when the fork is gone. */
  headRepository: z.object({ id: githubId, fullName: z.string() }).nullable(),
  actor: actorSchema.nullable(),
  triggeringActor: actorSchema.nullable(),
  url: z.string(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  updatedAt: z.string(),
});
export type GithubRun = z.infer<typeof githubRunSchema>;

export const RUN_COMPLETED_TYPE = 'github.workflow_run.completed';
/** The source of events that came in by `POST /webhooks/github`. */
export const GITHUB_SOURCE = 'github';

/** What tells one finished run from every other: redeliveries and second hooks carry the same. */
export const runIdentity = ({ host, repository, id, attempt }: Pick<GithubRun, 'host' | 'repository' | 'id' | 'attempt'>): string =>
  `${host}/${repository.id}/${id}/${attempt}`;

/** The tenant that stands for an owner on GitHub: its placement is the owner's route. Need not be registered. */
export const githubTenantId = (owner: string): string => `gh-${owner.toLowerCase()}`.slice(0, 64);

/** Base name of the workflow file, as rules name it: `.github/workflows/ci.yml@main` is `ci.yml`. Undefined for anything outside `.github/workflows/`. */
export function workflowFileOf(path: string): string | undefined {
  const [file = ''] = path.split('@');
  return /^\.github\/workflows\/([^/]+)$/.exec(file)?.[1];
}
