import { z } from 'zod';
import { type Asking, readAnswer } from '../call/asking.ts';
import type { TokenScope } from '../call/installation-tokens.ts';
import type { InRepository, Issue } from '../github-app.ts';
import { walkPages } from './pages.ts';

const MOST_PAGES = 10;
const madeSchema = z.object({ number: z.int() });
const listedSchema = z.array(
  z.object({
    number: z.int(),
    body: z.string().nullish(),
    user: z.object({ login: z.string() }).nullish(),
    pull_request: z.unknown().optional(),
  }),
);

const scopeOf = ({ installationId, repo }: InRepository): TokenScope => ({
  installationId,
  permissions: { issues: 'write' },
  repository: repo,
});

/** The App's issues. */
export class Issues {
  readonly #asking: Asking;
  readonly #botLogin: () => Promise<string>;

  constructor(asking: Asking, botLogin: () => Promise<string>) {
    this.#asking = asking;
    this.#botLogin = botLogin;
  }

  /** Others may quote the marker, so who wrote the issue counts too. */
  async find(place: InRepository, marker: string): Promise<number | undefined> {
    const { owner, repo } = place;
    const creator = await this.#botLogin();
    const params = { owner, repo, state: 'open', creator, per_page: 100 };
    return walkPages(
      MOST_PAGES,
      (page) => this.#asking.inScope(scopeOf(place), { method: 'GET', path: '/repos/{owner}/{repo}/issues', params: { ...params, page } }),
      (answer) =>
        readAnswer(listedSchema, answer).find(
          (issue) =>
            issue.pull_request === undefined &&
            issue.user?.login.toLowerCase() === creator.toLowerCase() &&
            issue.body?.includes(marker) === true,
        )?.number,
    );
  }

  async create(place: InRepository, { title, body }: Issue): Promise<number> {
    const { owner, repo } = place;
    const json = JSON.stringify({ title, body });
    const path = '/repos/{owner}/{repo}/issues';
    const answer = await this.#asking.inScope(scopeOf(place), { method: 'POST', path, params: { owner, repo }, json });
    return readAnswer(madeSchema, answer).number;
  }

  async update(place: InRepository, number: number, issue: Issue & { readonly state?: 'open' | 'closed' }): Promise<void> {
    const { owner, repo } = place;
    const { title, body, state } = issue;
    const json = JSON.stringify({ title, body, state });
    const path = '/repos/{owner}/{repo}/issues/{number}';
    const answer = await this.#asking.inScope(scopeOf(place), { method: 'PATCH', path, params: { owner, repo, number }, json });
    readAnswer(madeSchema, answer);
  }
}
