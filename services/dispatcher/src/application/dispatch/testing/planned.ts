import {
  dispatchDeliveryId,
  dispatchKey,
  type DispatchTarget,
  githubEndpointId,
  type GithubRun,
  githubRunSchema,
  newEventId,
  runIdentity,
  type TenantId,
  type DueDelivery,
} from '@waybill/contracts';
import type { Payload } from '../../payload.ts';

const HOST = 'github.test';
const actor = { id: '5', login: 'mona', type: 'User' };
const repository = {
  id: '11',
  owner: 'acme',
  ownerId: '1',
  name: 'my-source-repo',
  defaultBranch: 'main',
  private: false,
  archived: false,
};

const runNumber = (number: number): GithubRun =>
  githubRunSchema.parse({
    host: HOST,
    repository,
    id: String(number),
    number,
    attempt: 1,
    workflowId: '3',
    path: '.github/workflows/ci.yml',
    conclusion: 'success',
    event: 'push',
    headBranch: 'main',
    headSha: 'a'.repeat(40),
    headRepository: { id: '11', fullName: 'acme/my-source-repo' },
    actor,
    triggeringActor: actor,
    url: 'https://github.test/run',
    createdAt: '2026-11-21T10:00:00Z',
    startedAt: null,
    updatedAt: '2026-11-21T10:00:00Z',
  });

/** A dispatch that a plan asks for. */
export interface PlannedDelivery {
  readonly target: DispatchTarget;
  readonly due: DueDelivery;
  readonly payload: (isRepeat: boolean) => Payload;
}

export interface PlannedOptions {
  readonly ref?: string;
  readonly scope?: 'g' | 'l';
  /** The region that the plan names. */
  readonly region?: string;
  /** The key of the dispatch in whose place it is made. */
  readonly repeats?: string;
}

/** The dispatch of the `n`th run of the source. */
export function plannedDelivery(
  nowMs: number,
  n: number,
  { ref = 'main', scope = 'g', region = 'us', repeats }: PlannedOptions = {},
): PlannedDelivery {
  const run = runNumber(n);
  const eventId = newEventId(nowMs, new Uint8Array(10).fill(n));
  const identity = { repositoryId: '9007199254740993', workflow: 'cd.yml', ref, inputs: {} };
  const key = dispatchKey(runIdentity(run), identity);
  const chain = { id: 'c-1', depth: 1, ancestors: [] };
  const where = { host: HOST, installationId: '77', owner: 'acme', repo: 'my-target-repo' };
  const target: DispatchTarget = { ...identity, ...where, key, rule: 'outbound[0]', chain, ...(repeats === undefined ? {} : { repeats }) };
  const due: DueDelivery = {
    v: 1,
    deliveryId: dispatchDeliveryId(eventId, key),
    eventId,
    tenantId: 'gh-acme' as TenantId,
    endpointId: githubEndpointId('acme', 'my-target-repo', 'cd.yml'),
    scope,
    attempt: 1,
    parked: 0,
    plan: { stream: 'LOG_US', seq: n },
  };
  const body = Buffer.from(JSON.stringify(run));
  const planned = { target, region, acceptedIn: 'us', plannedMs: nowMs };
  return { target, due, payload: (isRepeat) => ({ eventType: 'github.workflow_run.completed', body, dispatch: { ...planned, isRepeat } }) };
}
