import type { DispatchTarget } from '@waybill/contracts';
import { z } from 'zod';
import type { ListedRun } from '../answers.ts';
import { type Asking, readAnswer } from '../call/asking.ts';
import { githubId } from '../call/github-ids.ts';
import { walkPages } from './pages.ts';

/** GitHub lists at most a thousand for a filter. */
const MOST_PAGES = 10;
const runsSchema = z.object({
  workflow_runs: z.array(
    z.object({
      id: githubId,
      html_url: z.string(),
      created_at: z.string(),
      actor: z.object({ login: z.string() }).nullish(),
      head_branch: z.string().nullish(),
      status: z.string().nullish(),
      conclusion: z.string().nullish(),
    }),
  ),
});

type Asked = Pick<DispatchTarget, 'installationId' | 'owner' | 'repo' | 'workflow' | 'ref'>;

/** Runs of a workflow that a dispatch on `ref` started since `sinceMs`, newest first. */
export async function listRuns(asking: Asking, asked: Asked, sinceMs: number): Promise<ListedRun[]> {
  const { installationId, owner, repo, workflow } = asked;
  const ref = asked.ref.replace(/^refs\/(?:heads|tags)\//, '');
  const since = `${new Date(sinceMs).toISOString().slice(0, 19)}Z`;
  const filter = { event: 'workflow_dispatch', created: `>=${since}`, per_page: 100 };
  const runs: ListedRun[] = [];
  await walkPages(
    MOST_PAGES,
    (page) =>
      asking.inScope(
        { installationId, permissions: { actions: 'read' } },
        {
          method: 'GET',
          path: '/repos/{owner}/{repo}/actions/workflows/{workflow}/runs',
          params: { owner, repo, workflow, ...filter, page },
        },
      ),
    (answer) => {
      for (const run of readAnswer(runsSchema, answer).workflow_runs) {
        const { id, html_url: url, created_at: createdAt, status, conclusion = null } = run;
        // Not asked of GitHub: its filter is for branches, and a ref may be a tag.
        if (run.head_branch === ref) runs.push({ id, url, createdAt, actor: run.actor?.login, status: status ?? 'unknown', conclusion });
      }
      return undefined;
    },
  );
  return runs;
}
