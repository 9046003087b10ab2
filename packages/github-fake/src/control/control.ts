import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { faultSchema } from '../faults/faults.ts';
import type { GithubFake } from '../github-fake.ts';
import type { Parts } from '../routes/parts.ts';
import { fullNameOf } from '../state/model.ts';

const runSchema = z.object({
  repository: z.string(),
  workflow: z.string(),
  conclusion: z.string().nullable().optional(),
  event: z.string().optional(),
  headBranch: z.string().nullable().optional(),
  headRepository: z.enum(['own', 'fork']).nullable().optional(),
  attempt: z.int().min(1).optional(),
  runId: z.string().regex(/^\d+$/u).optional(),
  withInstallation: z.boolean().optional(),
  guid: z.string().optional(),
  actor: z.string().optional(),
});
const hookSchema = z.object({
  url: z.string().nullable().optional(),
  fault: z.enum(['lost', 'duplicate', 'reordered', 'delayed']).nullable().optional(),
  lagMs: z.number().min(0).optional(),
});
const fileSchema = z.object({ repository: z.string(), path: z.string(), text: z.string().nullable() });

/** What a test, a drill or a demo in another process does to the fake: the same as in process, as JSON under `/_control`. */
export function controlRoutes(server: FastifyInstance, fake: GithubFake, { world, hooks, app, profile }: Parts): void {
  server.get('/_control', async () => ({
    app: { id: app.id, slug: app.slug },
    profile,
    hook: hookState(fake),
    faults: fake.faults.list(),
    repositories: world.installations().flatMap((owner) => world.ofOwner(owner).map((repository) => fullNameOf(repository))),
    runs: world.runs.size,
    deliveries: fake.deliveries.length,
    dispatches: fake.ledger.dispatches.length,
    calls: fake.ledger.calls.length,
  }));
  server.post('/_control/finish-run', async (request) => {
    const { repository, ...options } = runSchema.parse(request.body);
    return fake.finishRun(repository, options);
  });
  server.get('/_control/ledger', async () => {
    const { dispatches, checkRuns, issues, calls } = fake.ledger;
    return { dispatches, checkRuns, issues, calls };
  });
  server.get('/_control/deliveries', async () =>
    fake.deliveries.map(({ notice, ...delivery }) => ({ ...delivery, action: notice.action, runId: notice.run.id })),
  );
  server.get('/_control/faults', async () => fake.faults.list());
  server.post('/_control/faults', async (request) => {
    fake.faults.add(faultSchema.parse(request.body));
    return fake.faults.list();
  });
  server.delete('/_control/faults', async () => {
    fake.faults.clear();
    return [];
  });
  server.get('/_control/hook', async () => hookState(fake));
  server.post('/_control/hook', async (request) => {
    const { url, fault, lagMs } = hookSchema.parse(request.body);
    hooks.url = url === undefined ? hooks.url : (url ?? undefined);
    hooks.fault = fault === undefined ? hooks.fault : (fault ?? undefined);
    hooks.lagMs = lagMs ?? hooks.lagMs;
    return hookState(fake);
  });
  server.post('/_control/put-file', async (request) => {
    const { repository, path, text } = fileSchema.parse(request.body);
    if (text === null) {
      fake.removeFile(repository, path);
    } else {
      fake.putFile(repository, path, text);
    }
    return { repository, path };
  });
  server.post('/_control/settled', async () => {
    await fake.settled();
    return { settled: true };
  });
}

function hookState({ hooks }: GithubFake): Record<string, unknown> {
  return { url: hooks.url ?? null, fault: hooks.fault ?? null, lagMs: hooks.lagMs };
}
