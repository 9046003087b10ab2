import { type FakeRepository, fullNameOf } from '../state/model.ts';
import { userView } from './users.ts';

/** What follows a repository's address in each of its `_url` fields. */
const PLACES: Readonly<Record<string, string>> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
};

/** What nobody set in the fake. */
const PLAIN = {
  forks: 0,
  forks_count: 0,
  has_projects: false,
  has_wiki: false,
  has_pages: false,
  has_discussions: false,
  homepage: null,
  language: null,
  mirror_url: null,
  open_issues: 0,
  open_issues_count: 0,
  license: null,
  size: 1,
  stargazers_count: 0,
  watchers: 0,
  watchers_count: 0,
  network_count: 0,
  subscribers_count: 0,
  allow_forking: true,
  is_template: false,
  web_commit_signoff_required: false,
  topics: [],
};

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
    ...Object.fromEntries(Object.entries(PLACES).map(([field, rest]) => [field, url + rest])),
  };
}

/** A repository as `GET /repos/{owner}/{repo}` shows it. */
export function repositoryView(base: string, repository: FakeRepository): Record<string, unknown> {
  const name = fullNameOf(repository);
  return {
    ...smallRepositoryView(base, repository),
    ...PLAIN,
    git_url: `git://github.com/${name}.git`,
    ssh_url: `git@github.com:${name}.git`,
    clone_url: `https://github.com/${name}.git`,
    svn_url: `https://github.com/${name}`,
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
