import { z } from 'zod';
import { type Asking, readAnswer } from '../call/asking.ts';
import { githubId } from '../call/github-ids.ts';
import type { TokenScope } from '../call/installation-tokens.ts';
import type { CheckRun, InRepository } from '../github-app.ts';
import { walkPages } from './pages.ts';

const MOST_PAGES = 10;
const madeSchema = z.object({ id: githubId });
const listedSchema = z.object({ check_runs: z.array(z.object({ id: githubId, external_id: z.string().nullish() })) });

const scopeOf = ({ installationId, repo }: InRepository): TokenScope => ({
  installationId,
  permissions: { checks: 'write' },
  repository: repo,
});

function bodyOf({ name, headSha, externalId, status, conclusion, detailsUrl, title, summary }: CheckRun): string {
  const output = { title, summary };
  return JSON.stringify({ name, head_sha: headSha, external_id: externalId, status, conclusion, details_url: detailsUrl, output });
}

/** The App's check runs. */
export class Checks {
  readonly #asking: Asking;
  /** Only a number can be asked for; a client id cannot. */
  readonly #filter: { readonly app_id?: string };

  constructor(asking: Asking, appId: string) {
    this.#asking = asking;
    this.#filter = /^\d+$/.test(appId) ? { app_id: appId } : {};
  }

  find(place: InRepository, headSha: string, externalId: string): Promise<string | undefined> {
    const { owner, repo } = place;
    const params = { owner, repo, sha: headSha, filter: 'all', per_page: 100, ...this.#filter };
    return walkPages(
      MOST_PAGES,
      (page) =>
        this.#asking.inScope(scopeOf(place), {
          method: 'GET',
          path: '/repos/{owner}/{repo}/commits/{sha}/check-runs',
          params: { ...params, page },
        }),
      (answer) => readAnswer(listedSchema, answer).check_runs.find((check) => check.external_id === externalId)?.id,
    );
  }

  async create(place: InRepository, check: CheckRun): Promise<string> {
    const { owner, repo } = place;
    const path = '/repos/{owner}/{repo}/check-runs';
    const answer = await this.#asking.inScope(scopeOf(place), { method: 'POST', path, params: { owner, repo }, json: bodyOf(check) });
    return readAnswer(madeSchema, answer).id;
  }

  async update(place: InRepository, id: string, check: CheckRun): Promise<void> {
    const { owner, repo } = place;
    const path = '/repos/{owner}/{repo}/check-runs/{id}';
    const answer = await this.#asking.inScope(scopeOf(place), { method: 'PATCH', path, params: { owner, repo, id }, json: bodyOf(check) });
    readAnswer(madeSchema, answer);
  }
}
