import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { faultSchema } from '../faults/faults.ts';
import type { GithubFake } from '../github-fake.ts';
import type { Parts } from '../routes/parts.ts';
import { fullNameOf } from '../state/model.ts';
import { clockSchema, fileSchema, hookSchema, ownerSchema, renameSchema, repositorySchema, runSchema, tokensSchema } from './schemas.ts';

/** What a control route does with its JSON body, and gives back as JSON. */
type Action = (body: unknown) => unknown;

/**
 * What a test, a drill or a demo in another process does to the fake: the same as in process, as JSON under `/_control`. A wrong body
 * answers 400 and changes nothing.
 */
export function controlRoutes(server: FastifyInstance, fake: GithubFake, parts: Parts): void {
  const groups = { GET: looks(fake, parts), POST: acts(fake, parts), DELETE: { '/_control/faults': () => fake.faults.clear() } };
  for (const [method, actions] of Object.entries(groups)) {
    for (const [url, action] of Object.entries(actions)) {
      server.route({ method, url, handler: answering(action) });
    }
  }
}

function answering(action: Action): (request: { readonly body: unknown }, reply: Reply) => Promise<unknown> {
  return async ({ body }, reply) => {
    try {
      return (await action(body)) ?? {};
    } catch (error) {
      const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      return reply.code(400).send({ message });
    }
  };
}

interface Reply {
  code(status: number): { send(body: unknown): unknown };
}

function looks(fake: GithubFake, { world, app, profile }: Parts): Record<string, Action> {
  const { ledger, hooks } = fake;
  return {
    '/_control': () => ({
      app: { id: app.id, slug: app.slug },
      profile,
      hook: hookState(fake),
      faults: fake.faults.list(),
      repositories: world.installations().flatMap((owner) => world.ofOwner(owner).map((repository) => fullNameOf(repository))),
      counts: {
        runs: world.runs.size,
        deliveries: fake.deliveries.length,
        dispatches: ledger.dispatches.length,
        checkRuns: ledger.checkRuns.length,
        issues: ledger.issues.length,
        calls: ledger.calls.length,
      },
    }),
    '/_control/ledger': () => ({ dispatches: ledger.dispatches, checkRuns: ledger.checkRuns, issues: ledger.issues, calls: ledger.calls }),
    '/_control/ledger/dispatches': () => ledger.dispatches,
    '/_control/deliveries': () =>
      hooks.deliveries.all.map(({ notice, ...delivery }) => ({ ...delivery, action: notice.action, runId: notice.run.id })),
    '/_control/faults': () => fake.faults.list(),
    '/_control/hook': () => hookState(fake),
  };
}

function acts(fake: GithubFake, { hooks, tokens }: Parts): Record<string, Action> {
  return {
    '/_control/finish-run': (body) => {
      const { repository, ...options } = runSchema.parse(body);
      return fake.finishRun(repository, options);
    },
    '/_control/faults': (body) => {
      fake.faults.add(faultSchema.parse(body));
      return fake.faults.list();
    },
    '/_control/hook': (body) => {
      const { url, fault, lagMs } = hookSchema.parse(body);
      hooks.url = url === undefined ? hooks.url : (url ?? undefined);
      hooks.fault = fault === undefined ? hooks.fault : (fault ?? undefined);
      hooks.lagMs = lagMs ?? hooks.lagMs;
      return hookState(fake);
    },
    '/_control/put-file': (body) => {
      const { repository, path, text } = fileSchema.parse(body);
      return text === null ? fake.removeFile(repository, path) : fake.putFile(repository, path, text);
    },
    '/_control/owner': (body) => {
      const { login, ...options } = ownerSchema.parse(body);
      return fake.owner(login, options);
    },
    '/_control/repository': (body) => {
      const { name, ...options } = repositorySchema.parse(body);
      return fake.repository(name, options);
    },
    '/_control/rename': (body) => {
      const { from, to } = renameSchema.parse(body);
      return fake.rename(from, to);
    },
    '/_control/tokens': (body) => {
      const { format, revoke } = tokensSchema.parse(body);
      tokens.format = format ?? tokens.format;
      return revoke === true ? tokens.revokeAll() : undefined;
    },
    '/_control/clock': (body) => fake.advance(clockSchema.parse(body).advanceMs),
    '/_control/settled': () => fake.settled(),
  };
}

function hookState({ hooks }: GithubFake): Record<string, unknown> {
  return { url: hooks.url ?? null, fault: hooks.fault ?? null, lagMs: hooks.lagMs };
}
