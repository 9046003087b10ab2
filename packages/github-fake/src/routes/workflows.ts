import { z } from 'zod';
import { type Answer, NOT_FOUND, Refusal } from '../server/answer.ts';
import { type Call, bodyOf, openRepository, pageOf, param, tokenOf } from '../server/call.ts';
import type { Route } from '../server/route.ts';
import { type FakeRepository, type FakeWorkflow, fullNameOf } from '../state/model.ts';
import { runHtmlUrl, workflowView } from '../views/runs.ts';
import type { Parts } from './parts.ts';

const READ = { names: ['actions'], level: 'read' } as const;
const WRITE = { names: ['actions'], level: 'write' } as const;
const MAX_INPUTS = { 'github.com': 25, 'ghes-3.19': 10 } as const;

const dispatchBody = z.looseObject({
  ref: z.string("wasn't supplied"),
  inputs: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])).optional(),
  return_run_details: z.boolean().optional(),
});
type DispatchBody = z.infer<typeof dispatchBody>;

/** Workflows, and the call that starts one. */
export function workflowRoutes(parts: Parts): Route[] {
  const { world } = parts;
  return [
    {
      name: 'workflows',
      method: 'GET',
      url: '/repos/:owner/:repo/actions/workflows',
      by: 'installation',
      run: (call) => {
        const repository = openRepository(world, call, READ);
        const { items, headers } = pageOf(call, [...repository.workflows.values()]);
        const workflows = items.map((workflow) => workflowView(call.base, repository, workflow));
        return { status: 200, headers, body: { total_count: repository.workflows.size, workflows } };
      },
    },
    {
      name: 'workflows',
      method: 'GET',
      url: '/repos/:owner/:repo/actions/workflows/:workflow_id',
      by: 'installation',
      run: (call) => {
        const repository = openRepository(world, call, READ);
        return { status: 200, body: workflowView(call.base, repository, workflowOf(call, repository)) };
      },
    },
    {
      name: 'dispatch',
      method: 'POST',
      url: '/repos/:owner/:repo/actions/workflows/:workflow_id/dispatches',
      by: 'installation',
      run: (call) => dispatch(parts, call),
    },
  ];
}

/** The workflow that the path names by file or id. Throws Refusal 404. */
export function workflowOf(call: Call, repository: FakeRepository): FakeWorkflow {
  const wanted = param(call, 'workflow_id');
  const workflow = repository.workflows.get(wanted) ?? [...repository.workflows.values()].find(({ id }) => String(id) === wanted);
  if (workflow === undefined) {
    throw NOT_FOUND();
  }
  return workflow;
}

function dispatch(parts: Parts, call: Call): Answer {
  const repository = openRepository(parts.world, call, WRITE);
  const workflow = workflowOf(call, repository);
  const body = bodyOf(call, dispatchBody);
  const details = wantsDetails(parts, call, body);
  checkInputs(parts, workflow, body);
  checkState(repository, workflow, body.ref);
  const run = parts.life.dispatch(repository, workflow, body.ref);
  parts.ledger.dispatched({
    owner: repository.owner.login,
    repo: repository.name,
    workflow: workflow.file,
    ref: body.ref,
    inputs: body.inputs ?? {},
    installationId: tokenOf(call).owner.installationId,
    runId: run.id,
    atMs: parts.world.now(),
  });
  if (!details) {
    return { status: 204 };
  }
  const run_url = `${call.base}/repos/${fullNameOf(repository)}/actions/runs/${run.id}`;
  return { status: 200, body: { workflow_run_id: BigInt(run.id), run_url, html_url: runHtmlUrl(run) } };
}

/** Whether the answer names the run: always by 2026-03-10, on request before, never on Enterprise Server 3.19. */
function wantsDetails({ profile }: Parts, call: Call, body: DispatchBody): boolean {
  const newest = call.headers['x-github-api-version'] === '2026-03-10';
  if (body.return_run_details !== undefined && (profile !== 'github.com' || newest)) {
    throw new Refusal(422, 'Invalid request.\n\n"return_run_details" is not a permitted key.');
  }
  return profile === 'github.com' && (newest || body.return_run_details === true);
}

function checkInputs({ profile }: Parts, workflow: FakeWorkflow, body: DispatchBody): void {
  const inputs = body.inputs ?? {};
  const names = Object.keys(inputs);
  const max = MAX_INPUTS[profile];
  if (names.length > max) {
    throw new Refusal(422, `Invalid request.\n\nNo more than ${max} properties are allowed; ${names.length} were supplied.`);
  }
  if (JSON.stringify(inputs).length > 65_535) {
    throw new Refusal(422, 'inputs are too large.');
  }
  if (!workflow.dispatchable) {
    return;
  }
  const unexpected = names.filter((name) => workflow.inputs[name] === undefined);
  if (unexpected.length > 0) {
    throw new Refusal(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  }
  const missing = Object.entries(workflow.inputs).find(([name, input]) => input.required === true && inputs[name] === undefined);
  if (missing !== undefined) {
    throw new Refusal(422, `Required input '${missing[0]}' not provided`);
  }
}

function checkState(repository: FakeRepository, workflow: FakeWorkflow, ref: string): void {
  if (workflow.blocked) {
    throw new Refusal(403, 'Workflow execution is blocked by policy.');
  }
  if (!workflow.enabled) {
    throw new Refusal(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow");
  }
  if (!workflow.dispatchable) {
    throw new Refusal(422, "Workflow does not have 'workflow_dispatch' trigger");
  }
  const name = ref.replace(/^refs\/(heads|tags)\//u, '');
  if (!repository.branches.has(name) && !repository.tags.has(name)) {
    throw new Refusal(422, `No ref found for: ${ref}`);
  }
}
