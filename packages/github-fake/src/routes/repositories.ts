import { createHash } from 'node:crypto';
import { type Answer, NOT_FOUND, Refusal } from '../server/answer.ts';
import { type Call, openRepository, pageOf, param, tokenOf } from '../server/call.ts';
import type { Route } from '../server/route.ts';
import { type FakeRepository, fullNameOf } from '../state/model.ts';
import { repositoryView } from '../views/repositories.ts';
import type { Parts } from './parts.ts';

/** Beyond this, GitHub leaves the content out. */
const MAX_CONTENT = 1_048_576;
const READS = { names: ['contents', 'single_file'], level: 'read' } as const;

/** Repositories and their files. */
export function repositoryRoutes({ world }: Parts): Route[] {
  return [
    {
      name: 'repository',
      method: 'GET',
      url: '/repos/:owner/:repo',
      by: 'installation',
      run: (call) => ({ status: 200, body: repositoryView(call.base, openRepository(world, call, undefined)) }),
    },
    {
      name: 'repository',
      method: 'GET',
      url: '/installation/repositories',
      by: 'installation',
      run: (call) => {
        const { owner, repositoryIds } = tokenOf(call);
        const all = world.ofOwner(owner).filter((repository) => repositoryIds?.has(repository.id) !== false);
        const { items, headers } = pageOf(call, all);
        const repositories = items.map((repository) => repositoryView(call.base, repository));
        return { status: 200, headers, body: { total_count: all.length, repository_selection: 'all', repositories } };
      },
    },
    {
      name: 'contents',
      method: 'GET',
      url: '/repos/:owner/:repo/contents/*',
      by: 'installation',
      run: (call) => contents(call, openRepository(world, call, READS)),
    },
  ];
}

function contents(call: Call, repository: FakeRepository): Answer {
  const path = param(call, '*');
  const ref = call.query['ref'];
  if (ref !== undefined && !repository.branches.has(ref) && !repository.tags.has(ref)) {
    throw new Refusal(404, `No commit found for the ref ${ref}`);
  }
  const text = call.stale && repository.replaced.has(path) ? repository.replaced.get(path) : repository.files.get(path);
  if (text !== undefined) {
    return call.headers.accept?.includes('.raw') === true
      ? { status: 200, body: text }
      : { status: 200, body: fileView(call, repository, path, text) };
  }
  const inside = [...repository.files].filter(([name]) => path === '' || name.startsWith(`${path}/`));
  if (inside.length === 0) {
    throw NOT_FOUND();
  }
  return { status: 200, body: inside.map(([name, content]) => ({ ...fileView(call, repository, name, content), content: undefined })) };
}

function fileView(call: Call, repository: FakeRepository, path: string, text: string): Record<string, unknown> {
  const bytes = Buffer.from(text);
  const name = fullNameOf(repository);
  const url = `${call.base}/repos/${name}/contents/${path}?ref=${repository.defaultBranch}`;
  const sha = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const git = `${call.base}/repos/${name}/git/blobs/${sha}`;
  const html = `https://github.com/${name}/blob/${repository.defaultBranch}/${path}`;
  const small = bytes.length <= MAX_CONTENT;
  return {
    type: 'file',
    encoding: small ? 'base64' : 'none',
    size: bytes.length,
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    content: small ? bytes.toString('base64').replaceAll(/.{60}/gu, '$&\n') : '',
    sha,
    url,
    git_url: git,
    html_url: html,
    download_url: null,
    _links: { self: url, git, html },
  };
}
