import { type Answer, NOT_FOUND } from '../server/answer.ts';
import { type Call, openRepository, pageOf, param } from '../server/call.ts';
import type { Route } from '../server/route.ts';
import type { FakeRepository } from '../state/model.ts';
import { runView } from '../views/runs.ts';
import type { Parts } from './parts.ts';
import { workflowOf } from './workflows.ts';

const READ = { names: ['actions'], level: 'read' } as const;

/** Runs: one, those of a repository, those of a workflow. */
export function runRoutes(parts: Parts): Route[] {
  const { world } = parts;
  return [
    {
      name: 'runs',
      method: 'GET',
      url: '/repos/:owner/:repo/actions/runs/:run_id',
      by: 'installation',
      run: (call) => {
        const repository = openRepository(world, call, READ);
        const run = world.runs.get(param(call, 'run_id'));
        if (run === undefined || run.repository !== repository) {
          throw NOT_FOUND();
        }
        return { status: 200, body: runView(call.base, run) };
      },
    },
    {
      name: 'runs',
      method: 'GET',
      url: '/repos/:owner/:repo/actions/runs',
      by: 'installation',
      run: (call) => list(parts, call, openRepository(world, call, READ)),
    },
    {
      name: 'runs',
      method: 'GET',
      url: '/repos/:owner/:repo/actions/workflows/:workflow_id/runs',
      by: 'installation',
      run: (call) => {
        const repository = openRepository(world, call, READ);
        return list(parts, call, repository, workflowOf(call, repository).id);
      },
    },
  ];
}

function list({ world }: Parts, call: Call, repository: FakeRepository, workflowId?: number): Answer {
  const { event, branch, actor, status, created, head_sha } = call.query;
  const runs = world.runs.list(repository, { workflowId, event, branch, actor, status, created, headSha: head_sha });
  const { items, headers } = pageOf(call, runs);
  return { status: 200, headers, body: { total_count: runs.length, workflow_runs: items.map((run) => runView(call.base, run)) } };
}
