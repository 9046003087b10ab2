import { type FakeRepository, fullNameOf } from '../state/model.ts';
import { userView } from './users.ts';

/** A repository in the short form that other objects hold. */
export function smallRepositoryView(base: string, repository: FakeRepository): Record<string, unknown> {
  const name = fullNameOf(repository);
  const url = `${base}/repos/${name}`;
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: name,
    private: repository.private,
    owner: userView(base, repository.owner),
    html_url: `https://github.com/${name}`,
    description: null,
    fork: false,
    url,
    hooks_url: `${url}/hooks`,
    events_url: `${url}/events`,
    contents_url: `${url}/contents/{+path}`,
    commits_url: `${url}/commits{/sha}`,
    issues_url: `${url}/issues{/number}`,
  };
}

/** A repository as `GET /repos/{owner}/{repo}` shows it. */
export function repositoryView(base: string, repository: FakeRepository): Record<string, unknown> {
  return {
    ...smallRepositoryView(base, repository),
    default_branch: repository.defaultBranch,
    archived: repository.archived,
    disabled: repository.disabled,
    visibility: repository.private ? 'private' : 'public',
    has_issues: repository.issues,
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    pushed_at: repository.createdAt,
  };
}
