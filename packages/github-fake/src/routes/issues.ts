import { z } from 'zod';
import { type Answer, NOT_FOUND, Refusal } from '../server/answer.ts';
import { type Call, type Need, bodyOf, openRepository, pageOf, param, tokenOf } from '../server/call.ts';
import type { Route } from '../server/route.ts';
import type { IssueEntry } from '../state/ledger.ts';
import { type FakeRepository, fullNameOf } from '../state/model.ts';
import { userView } from '../views/users.ts';
import type { Parts } from './parts.ts';

const READ = { names: ['issues'], level: 'read' } as const;
const WRITE = { names: ['issues'], level: 'write' } as const;
const ONE = '/repos/:owner/:repo/issues/:issue_number';

const createBody = z.looseObject({
  title: z.string("wasn't supplied"),
  body: z.string().max(65_536).optional(),
  labels: z.array(z.string()).optional(),
});
const updateBody = z.looseObject({
  title: z.string().optional(),
  body: z.string().max(65_536).optional(),
  state: z.enum(['open', 'closed']).optional(),
});
const commentBody = z.looseObject({ body: z.string("wasn't supplied").max(65_536) });

/** Issues and their comments. */
export function issueRoutes(parts: Parts): Route[] {
  return [
    { name: 'issues', method: 'GET', url: '/repos/:owner/:repo/issues', by: 'installation', run: (call) => list(parts, call) },
    { name: 'issues', method: 'POST', url: '/repos/:owner/:repo/issues', by: 'installation', run: (call) => create(parts, call) },
    {
      name: 'issues',
      method: 'GET',
      url: ONE,
      by: 'installation',
      run: (call) => ({ status: 200, body: view(parts, call.base, issueOf(parts, call, READ)) }),
    },
    { name: 'issues', method: 'PATCH', url: ONE, by: 'installation', run: (call) => update(parts, call) },
    {
      name: 'issues',
      method: 'GET',
      url: `${ONE}/comments`,
      by: 'installation',
      run: (call) => {
        const issue = issueOf(parts, call, READ);
        const { items, headers } = pageOf(call, issue.comments);
        return { status: 200, headers, body: items.map((comment) => commentView(parts, call.base, issue, comment)) };
      },
    },
    {
      name: 'issues',
      method: 'POST',
      url: `${ONE}/comments`,
      by: 'installation',
      run: (call) => {
        const issue = issueOf(parts, call, WRITE);
        const comment = { id: parts.world.ids.next(), body: bodyOf(call, commentBody).body, createdAt: parts.world.time() };
        issue.comments.push(comment);
        return { status: 201, body: commentView(parts, call.base, issue, comment) };
      },
    },
  ];
}

function withIssues({ world }: Parts, call: Call, need: Need): FakeRepository {
  const repository = openRepository(world, call, need);
  if (!repository.issues) {
    throw new Refusal(410, 'Issues are disabled for this repo');
  }
  return repository;
}

function list(parts: Parts, call: Call): Answer {
  const repository = withIssues(parts, call, READ);
  const { state = 'open', creator, labels } = call.query;
  const wanted = labels === undefined || labels === '' ? [] : labels.split(',');
  const byApp = creator === undefined || creator === botOf(parts);
  const found = parts.ledger
    .issuesIn(repository.id)
    .filter((issue) => byApp && (state === 'all' || issue.state === state) && wanted.every((label) => issue.labels.includes(label)))
    .toReversed();
  const { items, headers } = pageOf(call, found);
  return { status: 200, headers, body: items.map((issue) => view(parts, call.base, issue)) };
}

function create(parts: Parts, call: Call): Answer {
  const repository = withIssues(parts, call, WRITE);
  const { title, body, labels } = bodyOf(call, createBody);
  const now = parts.world.time();
  const issue: IssueEntry = {
    id: parts.world.ids.next(),
    number: (parts.ledger.issuesIn(repository.id).at(-1)?.number ?? 0) + 1,
    repository: fullNameOf(repository),
    repositoryId: repository.id,
    installationId: tokenOf(call).owner.installationId,
    title,
    body: body ?? '',
    state: 'open',
    labels: labels ?? [],
    comments: [],
    createdAt: now,
    updatedAt: now,
    closedAt: null,
  };
  parts.ledger.opened(issue);
  return { status: 201, body: view(parts, call.base, issue) };
}

function update(parts: Parts, call: Call): Answer {
  const issue = issueOf(parts, call, WRITE);
  const body = bodyOf(call, updateBody);
  const now = parts.world.time();
  issue.title = body.title ?? issue.title;
  issue.body = body.body ?? issue.body;
  issue.state = body.state ?? issue.state;
  issue.updatedAt = now;
  issue.closedAt = issue.state === 'closed' ? (issue.closedAt ?? now) : null;
  return { status: 200, body: view(parts, call.base, issue) };
}

function issueOf(parts: Parts, call: Call, need: Need): IssueEntry {
  const repository = withIssues(parts, call, need);
  const issue = parts.ledger.issuesIn(repository.id).find(({ number }) => String(number) === param(call, 'issue_number'));
  if (issue === undefined) {
    throw NOT_FOUND();
  }
  return issue;
}

function botOf({ app }: Parts): string {
  return `${app.slug}[bot]`;
}

function authorView(parts: Parts, base: string): Record<string, unknown> {
  return userView(base, { id: 41_898_282, login: botOf(parts), type: 'Bot' });
}

function view(parts: Parts, base: string, issue: IssueEntry): Record<string, unknown> {
  const url = `${base}/repos/${issue.repository}/issues/${issue.number}`;
  return {
    id: issue.id,
    node_id: `I_${issue.id}`,
    url,
    repository_url: `${base}/repos/${issue.repository}`,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `https://github.com/${issue.repository}/issues/${issue.number}`,
    number: issue.number,
    state: issue.state,
    title: issue.title,
    body: issue.body,
    user: authorView(parts, base),
    labels: issue.labels.map((name) => ({ name })),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    comments: issue.comments.length,
    closed_at: issue.closedAt,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    author_association: 'NONE',
  };
}

function commentView(parts: Parts, base: string, issue: IssueEntry, comment: IssueEntry['comments'][number]): Record<string, unknown> {
  const issueUrl = `${base}/repos/${issue.repository}/issues/${issue.number}`;
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `${base}/repos/${issue.repository}/issues/comments/${comment.id}`,
    html_url: `https://github.com/${issue.repository}/issues/${issue.number}#issuecomment-${comment.id}`,
    issue_url: issueUrl,
    body: comment.body,
    user: authorView(parts, base),
    created_at: comment.createdAt,
    updated_at: comment.createdAt,
    author_association: 'NONE',
  };
}
