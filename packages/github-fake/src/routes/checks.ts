import { z } from 'zod';
import { type Answer, NOT_FOUND } from '../server/answer.ts';
import { type Call, bodyOf, openRepository, pageOf, param, tokenOf } from '../server/call.ts';
import type { Route } from '../server/route.ts';
import type { CheckRunEntry } from '../state/ledger.ts';
import { fullNameOf } from '../state/model.ts';
import { appView } from '../views/users.ts';
import type { Parts } from './parts.ts';

const READ = { names: ['checks'], level: 'read' } as const;
const WRITE = { names: ['checks'], level: 'write' } as const;

const changes = {
  external_id: z.string().optional(),
  details_url: z.string().optional(),
  status: z.enum(['queued', 'in_progress', 'completed']).optional(),
  conclusion: z.enum(['action_required', 'cancelled', 'failure', 'neutral', 'success', 'skipped', 'stale', 'timed_out']).optional(),
  output: z.looseObject({ title: z.string().optional(), summary: z.string().max(65_535), text: z.string().optional() }).optional(),
};
const createBody = z.looseObject({ name: z.string("wasn't supplied"), head_sha: z.string("wasn't supplied"), ...changes });
const updateBody = z.looseObject({ name: z.string().optional(), ...changes });

/** Check runs. */
export function checkRoutes(parts: Parts): Route[] {
  const { world, ledger } = parts;
  return [
    { name: 'checks', method: 'POST', url: '/repos/:owner/:repo/check-runs', by: 'installation', run: (call) => create(parts, call) },
    {
      name: 'checks',
      method: 'PATCH',
      url: '/repos/:owner/:repo/check-runs/:check_run_id',
      by: 'installation',
      run: (call) => update(parts, call),
    },
    {
      name: 'checks',
      method: 'GET',
      url: '/repos/:owner/:repo/check-runs/:check_run_id',
      by: 'installation',
      run: (call) => {
        const repository = openRepository(world, call, READ);
        return { status: 200, body: view(parts, call.base, checkRunOf(parts, call, repository.id)) };
      },
    },
    {
      name: 'checks',
      method: 'GET',
      url: '/repos/:owner/:repo/commits/:ref/check-runs',
      by: 'installation',
      run: (call) => {
        const repository = openRepository(world, call, READ);
        const { check_name, status } = call.query;
        const found = ledger
          .checksOn(repository.id, param(call, 'ref'))
          .filter((check) => (check_name === undefined || check.name === check_name) && (status === undefined || check.status === status))
          .toReversed();
        const { items, headers } = pageOf(call, found);
        return {
          status: 200,
          headers,
          body: { total_count: found.length, check_runs: items.map((check) => view(parts, call.base, check)) },
        };
      },
    },
  ];
}

function create(parts: Parts, call: Call): Answer {
  const repository = openRepository(parts.world, call, WRITE);
  const body = bodyOf(call, createBody);
  const check: CheckRunEntry = {
    id: parts.world.ids.next(),
    repository: fullNameOf(repository),
    repositoryId: repository.id,
    installationId: tokenOf(call).owner.installationId,
    name: body.name,
    headSha: body.head_sha,
    externalId: '',
    status: 'queued',
    conclusion: null,
    detailsUrl: 'https://waybill.example',
    title: null,
    summary: null,
    startedAt: parts.world.time(),
    completedAt: null,
  };
  change(parts, check, body);
  parts.ledger.checked(check);
  return { status: 201, body: view(parts, call.base, check) };
}

function update(parts: Parts, call: Call): Answer {
  const repository = openRepository(parts.world, call, WRITE);
  const check = checkRunOf(parts, call, repository.id);
  change(parts, check, bodyOf(call, updateBody));
  return { status: 200, body: view(parts, call.base, check) };
}

function change({ world }: Parts, check: CheckRunEntry, body: z.infer<typeof updateBody>): void {
  const status = body.conclusion === undefined ? (body.status ?? check.status) : 'completed';
  Object.assign(check, {
    externalId: body.external_id ?? check.externalId,
    detailsUrl: body.details_url ?? check.detailsUrl,
    status,
    conclusion: body.conclusion ?? (status === 'completed' ? check.conclusion : null),
    title: body.output?.title ?? check.title,
    summary: body.output?.summary ?? check.summary,
    completedAt: status === 'completed' ? world.time() : null,
  });
}

function checkRunOf({ ledger }: Parts, call: Call, repositoryId: number): CheckRunEntry {
  const check = ledger.checkRun(Number(param(call, 'check_run_id')));
  if (check === undefined || check.repositoryId !== repositoryId) {
    throw NOT_FOUND();
  }
  return check;
}

function view({ app, world }: Parts, base: string, check: CheckRunEntry): Record<string, unknown> {
  const url = `${base}/repos/${check.repository}/check-runs/${check.id}`;
  return {
    id: check.id,
    node_id: `CR_${check.id}`,
    name: check.name,
    head_sha: check.headSha,
    external_id: check.externalId,
    url,
    html_url: `https://github.com/${check.repository}/runs/${check.id}`,
    details_url: check.detailsUrl,
    status: check.status,
    conclusion: check.conclusion,
    started_at: check.startedAt,
    completed_at: check.completedAt,
    output: { title: check.title, summary: check.summary, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: { id: check.repositoryId },
    app: appView(base, app, world.installations().length),
    pull_requests: [],
  };
}
