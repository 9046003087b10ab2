import { z } from 'zod';
import type { Permissions } from '../options.ts';
import { NOT_FOUND, Refusal } from '../server/answer.ts';
import { type Call, bodyOf, pageOf, param } from '../server/call.ts';
import type { Route } from '../server/route.ts';
import { type FakeOwner, type FakeRepository } from '../state/model.ts';
import { repositoryView } from '../views/repositories.ts';
import { appView, installationView } from '../views/users.ts';
import { grants } from '../auth/tokens.ts';
import type { Parts } from './parts.ts';

const tokenBody = z.looseObject({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.int()).max(500).optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])).optional(),
});

/** What an App does as itself: look at its installations and mint their tokens. */
export function appRoutes(parts: Parts): Route[] {
  const { world, app } = parts;
  return [
    {
      name: 'app',
      method: 'GET',
      url: '/app',
      by: 'app',
      run: (call) => ({ status: 200, body: appView(call.base, app, world.installations().length) }),
    },
    {
      name: 'installation',
      method: 'GET',
      url: '/app/installations',
      by: 'app',
      run: (call) => {
        const { items, headers } = pageOf(call, world.installations());
        return { status: 200, headers, body: items.map((owner) => installationView(call.base, owner, app)) };
      },
    },
    {
      name: 'installation',
      method: 'GET',
      url: '/app/installations/:installation_id',
      by: 'app',
      run: (call) => ({ status: 200, body: installationView(call.base, installationOf(parts, call), app) }),
    },
    {
      name: 'installation',
      method: 'GET',
      url: '/repos/:owner/:repo/installation',
      by: 'app',
      run: (call) => {
        const repository = world.named(`${param(call, 'owner')}/${param(call, 'repo')}`);
        if (repository === undefined || !repository.installed || !repository.owner.installed) {
          throw NOT_FOUND();
        }
        return { status: 200, body: installationView(call.base, repository.owner, app) };
      },
    },
    {
      name: 'token',
      method: 'POST',
      url: '/app/installations/:installation_id/access_tokens',
      by: 'app',
      run: (call) => mint(parts, call),
    },
  ];
}

function mint(parts: Parts, call: Call): ReturnType<Route['run']> {
  const { world, tokens } = parts;
  const owner = installationOf(parts, call);
  if (owner.suspendedAt !== undefined) {
    throw new Refusal(403, 'This installation has been suspended');
  }
  const wanted = bodyOf(call, tokenBody);
  const permissions: Permissions = wanted.permissions ?? owner.permissions;
  if (Object.entries(permissions).some(([name, level]) => !grants(owner.permissions, name, level))) {
    throw new Refusal(422, 'The permissions requested are not granted to this installation.');
  }
  const repositories = scopeOf(world.ofOwner(owner), wanted.repositories, wanted.repository_ids);
  const token = tokens.mint(owner, permissions, repositories, world.now());
  const body = {
    token: token.text,
    expires_at: `${new Date(token.expiresAtMs).toISOString().slice(0, 19)}Z`,
    permissions: token.permissions,
    repository_selection: repositories === undefined ? 'all' : 'selected',
    ...(repositories === undefined ? {} : { repositories: repositories.map((repository) => repositoryView(call.base, repository)) }),
  };
  return { status: 201, body };
}

function scopeOf(
  all: readonly FakeRepository[],
  names: readonly string[] | undefined,
  ids: readonly number[] | undefined,
): FakeRepository[] | undefined {
  if (names === undefined && ids === undefined) {
    return undefined;
  }
  const byName = (names ?? []).map((name) => all.find((repository) => repository.name.toLowerCase() === name.toLowerCase()));
  const found = [...byName, ...(ids ?? []).map((id) => all.find((repository) => repository.id === id))];
  return found.map((repository) => {
    if (repository === undefined) {
      throw new Refusal(422, 'There is at least one repository that does not exist or is not accessible to the parent installation.');
    }
    return repository;
  });
}

function installationOf(parts: Parts, call: Call): FakeOwner {
  const owner = parts.world.installation(param(call, 'installation_id'));
  if (owner === undefined) {
    throw NOT_FOUND();
  }
  return owner;
}
