import { hash } from 'node:crypto';
import type { GithubRun } from '@waybill/contracts';
import type { GithubReads, RepositoryLookup } from '../decide/ports.ts';

/** A repository as far as an offline decision needs it. `files` by path: `dispatching.yml` and `.github/dispatching.yml` count. */
export interface OfflineRepository {
  /** Absent: `main`. */
  readonly defaultBranch?: string | undefined;
  readonly files: Readonly<Record<string, string>>;
}

const ROOT = 'dispatching.yml';
const BELOW = '.github/dispatching.yml';

/**
 * Reads for `decideRun` from files at hand, by `owner/name` of their repositories; the App counts as installed in these and in no other. The run's own
 * repository has the id that the run gives; the others get one of their own.
 */
export function offlineReads(run: GithubRun, repositories: Readonly<Record<string, OfflineRepository>>): GithubReads {
  const known = new Map(Object.entries(repositories).map(([name, repository]) => [name.toLowerCase(), repository]));
  const source = `${run.repository.owner}/${run.repository.name}`.toLowerCase();
  return {
    repository: (owner, name) => {
      const key = `${owner}/${name}`.toLowerCase();
      const repository = known.get(key);
      if (repository === undefined) return Promise.resolve<RepositoryLookup>({ kind: 'not_installed' });
      const id = key === source ? run.repository.id : String(Number.parseInt(hash('sha256', key).slice(0, 12), 16));
      const defaultBranch = repository.defaultBranch ?? (key === source ? run.repository.defaultBranch : 'main');
      return Promise.resolve<RepositoryLookup>({
        kind: 'found',
        repository: { id, owner, name, defaultBranch, archived: false, disabled: false, installationId: '0' },
      });
    },
    dispatchingFile: ({ owner, name }) => {
      const files = new Map(Object.entries(known.get(`${owner}/${name}`.toLowerCase())?.files ?? {}));
      const path = files.has(ROOT) ? ROOT : BELOW;
      const text = files.get(path);
      return Promise.resolve(
        text === undefined ? { kind: 'missing' } : { kind: 'found', text, path, shadowed: path === ROOT && files.has(BELOW) },
      );
    },
  };
}
