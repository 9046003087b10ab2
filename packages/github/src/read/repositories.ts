import type { RepositoryLookup } from '@waybill/dispatching';
import { z } from 'zod';
import { type Asking, readAnswer } from '../call/asking.ts';
import type { Answered } from '../call/calls.ts';
import { Etags } from '../call/etags.ts';
import { FreshCache } from '../call/fresh-cache.ts';
import { githubId, isRepositoryName } from '../call/github-ids.ts';
import { GithubRefused } from '../github-app.ts';
import type { ReadScope } from './read-scope.ts';

const CAPACITY = 5000;
const installationSchema = z.object({ id: githubId, suspended_at: z.string().nullish() });
const repositorySchema = z.object({
  id: githubId,
  name: z.string(),
  owner: z.object({ login: z.string() }),
  default_branch: z.string(),
  archived: z.boolean().default(false),
  disabled: z.boolean().default(false),
});

type Installation = Exclude<RepositoryLookup, { kind: 'found' }> | { readonly kind: 'installed'; readonly id: string };
type Described = z.output<typeof repositorySchema>;
const describe = (answer: Answered): Described => readAnswer(repositorySchema, answer);

/** Looks repositories up: through which installation, and what they are. */
export class Repositories {
  readonly #asking: Asking;
  readonly #scope: ReadScope;
  readonly #lookups: FreshCache<RepositoryLookup>;
  /** Change less often than repositories, and asking for them is never free. */
  readonly #installations: FreshCache<Installation>;
  readonly #etags = new Etags<Described>(CAPACITY);

  constructor(parts: { asking: Asking; scope: ReadScope; freshMs: number; nowMs: () => number }) {
    this.#asking = parts.asking;
    this.#scope = parts.scope;
    this.#lookups = new FreshCache(parts.freshMs, CAPACITY, parts.nowMs);
    this.#installations = new FreshCache(parts.freshMs * 4, CAPACITY, parts.nowMs);
  }

  async find(owner: string, name: string): Promise<RepositoryLookup> {
    if (!isRepositoryName(owner, name)) return { kind: 'not_installed' };
    return this.#lookups.get(keyOf(owner, name), () => this.#look(owner, name));
  }

  /** What was known of a repository no longer holds. */
  forget(owner: string, name: string): void {
    this.#lookups.forget(keyOf(owner, name));
    this.#installations.forget(keyOf(owner, name));
  }

  async #look(owner: string, name: string): Promise<RepositoryLookup> {
    try {
      return await this.#describe(owner, name);
    } catch (error) {
      if (!(error instanceof GithubRefused)) throw error;
      // The installation that was known is gone, or another one.
      this.#installations.forget(keyOf(owner, name));
      return this.#describe(owner, name).catch(notToBeSeen);
    }
  }

  async #describe(owner: string, name: string): Promise<RepositoryLookup> {
    const installation = await this.#installations.get(keyOf(owner, name), () => this.#installationOf(owner, name));
    if (installation.kind !== 'installed') return installation;
    const call = { method: 'GET', path: '/repos/{owner}/{repo}', params: { owner, repo: name } } as const;
    const read = await this.#scope.with(installation.id, (scope) =>
      this.#asking.unlessChanged(scope, call, { etags: this.#etags, read: describe }),
    );
    if ('redirected' in read) return { kind: 'moved' };
    const { id, default_branch: defaultBranch, archived, disabled } = read;
    return {
      kind: 'found',
      repository: { id, owner: read.owner.login, name: read.name, defaultBranch, archived, disabled, installationId: installation.id },
    };
  }

  async #installationOf(owner: string, name: string): Promise<Installation> {
    try {
      const call = { method: 'GET', path: '/repos/{owner}/{repo}/installation', params: { owner, repo: name } } as const;
      const answer = await this.#asking.asApp(call);
      if (answer.status >= 300) return { kind: 'moved' };
      const { id, suspended_at: suspendedAt } = readAnswer(installationSchema, answer);
      return typeof suspendedAt === 'string' ? { kind: 'suspended' } : { kind: 'installed', id };
    } catch (error) {
      return notToBeSeen(error);
    }
  }
}

const keyOf = (owner: string, name: string): string => `${owner}/${name}`.toLowerCase();

/** What it means that GitHub will not show it: 403 and 451 stand for what is suspended or blocked. A right that the App lacks stays an error. */
function notToBeSeen(error: unknown): Exclude<RepositoryLookup, { kind: 'found' }> {
  if (!(error instanceof GithubRefused) || error.status === 422) throw error;
  return { kind: error.status === 403 || error.status === 451 ? 'suspended' : 'not_installed' };
}
