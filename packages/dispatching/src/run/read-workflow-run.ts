import type { GithubRun } from '@waybill/contracts';
import { z } from 'zod';

const id = z.union([z.int().nonnegative(), z.string().regex(/^\d{1,20}$/)]).transform(String);
const actor = z
  .object({ id, login: z.string(), type: z.string().default('User') })
  .nullish()
  .transform((given) => given ?? null);

/** What is read of the webhook, as its published examples have it: the older ones lack the path, the actors, the attempt and the installation. */
const payloadSchema = z.object({
  action: z.string(),
  installation: z.object({ id }).nullish(),
  workflow: z.object({ path: z.string().nullish() }).nullish(),
  repository: z.object({
    id,
    name: z.string().min(1),
    owner: z.object({ id, login: z.string().min(1) }),
    default_branch: z.string(),
    private: z.boolean(),
    archived: z.boolean().default(false),
  }),
  workflow_run: z.object({
    id,
    run_number: z.int(),
    run_attempt: z.int().min(1).default(1),
    workflow_id: id,
    path: z.string().nullish(),
    conclusion: z.string().nullable(),
    event: z.string(),
    head_branch: z.string().nullable(),
    head_sha: z.string(),
    head_repository: z
      .object({ id, full_name: z.string() })
      .nullish()
      .transform((head) => (head ? { id: head.id, fullName: head.full_name } : null)),
    actor,
    triggering_actor: actor,
    html_url: z.string(),
    created_at: z.string(),
    run_started_at: z.string().nullish(),
    updated_at: z.string(),
  }),
});

/** Keeps the digits of whole numbers that a double cannot hold: GitHub's ids exceed 2^53. */
const keepDigits = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(context?.source ?? '') ? context?.source : value;

function parse(body: string): unknown {
  try {
    return JSON.parse(body, keepDigits);
  } catch {
    return undefined;
  }
}

/**
 * Reads the body of a `workflow_run` webhook, ids as text whatever their size. Undefined when it is none or lacks what a decision needs; never throws.
 * The action may be any: only `completed` ends a run.
 */
export function readWorkflowRun(body: string, host: string): { readonly action: string; readonly run: GithubRun } | undefined {
  const { data } = payloadSchema.safeParse(parse(body));
  if (data === undefined) return undefined;
  const { action, installation, workflow, repository, workflow_run: run } = data;
  return {
    action,
    run: {
      host,
      installationId: installation?.id,
      repository: {
        id: repository.id,
        owner: repository.owner.login,
        ownerId: repository.owner.id,
        name: repository.name,
        defaultBranch: repository.default_branch,
        private: repository.private,
        archived: repository.archived,
      },
      id: run.id,
      number: run.run_number,
      attempt: run.run_attempt,
      workflowId: run.workflow_id,
      path: run.path ?? workflow?.path ?? '',
      conclusion: run.conclusion,
      event: run.event,
      headBranch: run.head_branch,
      headSha: run.head_sha,
      headRepository: run.head_repository,
      actor: run.actor,
      triggeringActor: run.triggering_actor,
      url: run.html_url,
      createdAt: run.created_at,
      startedAt: run.run_started_at ?? null,
      updatedAt: run.updated_at,
    },
  };
}
