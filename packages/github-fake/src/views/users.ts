import type { FakeApp } from '../options.ts';
import type { FakeOwner, FakeUser } from '../state/model.ts';

/** An account as GitHub's JSON shows it. */
export function userView(base: string, user: FakeUser): Record<string, unknown> {
  const url = `${base}/users/${encodeURIComponent(user.login)}`;
  const html = `https://github.com/${user.type === 'Bot' ? `apps/${user.login.replace('[bot]', '')}` : user.login}`;
  return {
    login: user.login,
    id: user.id,
    node_id: `U_${user.id}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${user.id}`,
    gravatar_id: '',
    url,
    html_url: html,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: user.type,
    site_admin: false,
  };
}

/** An organization in the short form that webhooks hold. */
export function organizationView(base: string, owner: FakeOwner): Record<string, unknown> {
  const url = `${base}/orgs/${owner.login}`;
  return {
    login: owner.login,
    id: owner.id,
    node_id: `O_${owner.id}`,
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${owner.id}`,
    description: null,
  };
}

/** An installation as the App sees it. */
export function installationView(base: string, owner: FakeOwner, app: FakeApp): Record<string, unknown> {
  const url = `${base}/app/installations/${owner.installationId}`;
  return {
    id: Number(owner.installationId),
    client_id: app.clientId,
    account: userView(base, owner),
    repository_selection: 'all',
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${base}/installation/repositories`,
    html_url: `https://github.com/organizations/${owner.login}/settings/installations/${owner.installationId}`,
    app_id: Number(app.id),
    app_slug: app.slug,
    target_id: owner.id,
    target_type: owner.type,
    permissions: owner.permissions,
    events: ['workflow_run'],
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: owner.suspendedAt ?? null,
  };
}

/** The App, as it and its check runs show it. */
export function appView(base: string, app: FakeApp, installations: number): Record<string, unknown> {
  return {
    id: Number(app.id),
    slug: app.slug,
    node_id: `A_${app.id}`,
    client_id: app.clientId,
    owner: userView(base, { id: 500, login: 'waybill-operator', type: 'Organization' }),
    name: app.slug,
    description: null,
    external_url: 'https://waybill.example',
    html_url: `https://github.com/apps/${app.slug}`,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    permissions: { actions: 'write', checks: 'write', contents: 'read', issues: 'write', metadata: 'read' },
    events: ['workflow_run'],
    installations_count: installations,
  };
}
