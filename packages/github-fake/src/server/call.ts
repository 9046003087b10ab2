import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { type Token, grants } from '../auth/tokens.ts';
import { type FakeRepository, fullNameOf } from '../state/model.ts';
import type { World } from '../state/world.ts';
import { NOT_FOUND, Refusal } from './answer.ts';

/** One request as routes see it. */
export interface Call {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** Of the API, without a trailing slash. */
  readonly base: string;
  /** Show files as they were before their last change. */
  readonly stale: boolean;
  /** Set where the route asks for an installation token. */
  readonly token: Token | undefined;
}

/** A permission that a route needs; several names: any one of them. */
export interface Need {
  readonly names: readonly string[];
  readonly level: 'read' | 'write';
}

export function param(call: Call, name: string): string {
  return call.params[name] ?? '';
}

/** The token of a call whose route asks for one. */
export function tokenOf(call: Call): Token {
  if (call.token === undefined) {
    throw new Refusal(401, 'Requires authentication');
  }
  return call.token;
}

/**
 * The repository of the path. Throws Refusal: 404 outside the installation or the token's scope, 301 under an old name, 403 without the
 * permission.
 */
export function openRepository(world: World, call: Call, need: Need | undefined): FakeRepository {
  const token = tokenOf(call);
  const name = `${param(call, 'owner')}/${param(call, 'repo')}`;
  const repository = world.named(name);
  const inside = repository !== undefined && repository.owner === token.owner && repository.installed;
  if (!inside || token.repositoryIds?.has(repository.id) === false) {
    throw NOT_FOUND();
  }
  if (world.current(name) === undefined) {
    const rest = call.url.split('/').slice(4).join('/');
    const url = `${call.base}/repositories/${repository.id}${rest === '' ? '' : `/${rest}`}`;
    throw new Refusal(301, 'Moved Permanently', { headers: { location: url }, more: { url } });
  }
  if (need !== undefined && !need.names.some((permission) => grants(token.permissions, permission, need.level))) {
    throw new Refusal(403, 'Resource not accessible by integration');
  }
  if (repository.archived && need?.level === 'write') {
    throw new Refusal(403, 'Repository was archived so is read-only.');
  }
  if (repository.disabled) {
    throw new Refusal(403, `Repository access blocked: ${fullNameOf(repository)}`);
  }
  return repository;
}

/** The body by its schema. Throws Refusal 422. */
export function bodyOf<Body>(call: Call, schema: z.ZodType<Body>): Body {
  const parsed = schema.safeParse(call.body ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refusal(422, `Invalid request.\n\n"${issue?.path.join('/') ?? ''}" ${issue?.message ?? 'is wrong'}.`);
  }
  return parsed.data;
}

/** A page of `items` by `per_page` and `page`, with its Link header. */
export function pageOf<Item>(
  call: Call,
  items: readonly Item[],
): { readonly items: readonly Item[]; readonly headers: Record<string, string> } {
  const perPage = Math.min(Math.max(Number(call.query['per_page'] ?? 30) || 30, 1), 100);
  const page = Math.max(Number(call.query['page'] ?? 1) || 1, 1);
  const shown = items.slice((page - 1) * perPage, page * perPage);
  if (page * perPage >= items.length) {
    return { items: shown, headers: {} };
  }
  return { items: shown, headers: { link: `<${nextUrl(call, { page: String(page + 1) })}>; rel="next"` } };
}

/** The address of the call with other query values. */
export function nextUrl(call: Call, changes: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams({ ...call.query, ...changes });
  return `${call.base}${call.url.split('?')[0] ?? ''}?${query.toString()}`;
}
