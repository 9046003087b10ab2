import {
  type DecidedTarget,
  deniedKey,
  dispatchDeliveryId,
  type DispatchDecided,
  type EnvelopeHead,
  githubEndpointId,
  type GithubRun,
  runIdentity,
  type SourceRun,
  workflowFileOf,
} from '@waybill/contracts';
import type { Edge, RunDecision, TargetDecision } from '@waybill/dispatching';
import { keptFiles } from './kept-files.ts';

export type Decided = Extract<RunDecision, { kind: 'decided' }>;

export interface DecidedInput {
  readonly event: Pick<EnvelopeHead, 'eventId' | 'tenantId'>;
  readonly run: GithubRun;
  readonly decision: Decided;
  /** The region that decides. */
  readonly region: string;
  /** Of the source, as the payload or a look-up told. */
  readonly installationId: string | undefined;
  readonly nowMs: number;
}

/** A message holds 1 MiB; what is called for takes 256 KiB of that at most. */
const MAX_BYTES = 700_000;

/**
 * The fact of one decision. Thousands of denied targets would make it too large: then first the texts of the files go, and then the details of the reasons,
 * with the names of the files. Pure.
 */
export function makeDecided({ event, run, decision, region, installationId, nowMs }: DecidedInput): DispatchDecided {
  const { skip, warnings, chain, targets, files } = decision;
  const fact: DispatchDecided = {
    v: 1,
    eventId: event.eventId,
    tenantId: event.tenantId,
    region,
    run: { ...sourceRun(run), ...(installationId === undefined ? {} : { installationId }) },
    ...(skip === undefined ? {} : { skip }),
    warnings: [...warnings],
    chain,
    targets: targets.map((target) => decidedTarget(event.eventId, target)),
    files: keptFiles(files),
    at: new Date(nowMs).toISOString(),
  };
  return [fact, withoutTexts(fact)].find((one) => Buffer.byteLength(JSON.stringify(one)) <= MAX_BYTES) ?? withoutDetails(fact);
}

/** What a dispatch of this decision adds to: from the source workflow to its target. */
export const edgeOf = (run: Pick<SourceRun, 'repositoryId' | 'workflow'>, target: { repositoryId: string; workflow: string }): Edge => ({
  source: `${run.repositoryId}/${run.workflow}`,
  target: `${target.repositoryId}/${target.workflow}`,
});

function sourceRun(run: GithubRun): SourceRun {
  const { host, repository, id, attempt, conclusion, event, headBranch, headSha, url, path } = run;
  const { id: repositoryId, owner, name: repo } = repository;
  const workflow = workflowFileOf(path) ?? path;
  return {
    identity: runIdentity(run),
    host,
    repositoryId,
    owner,
    repo,
    workflow,
    id,
    attempt,
    conclusion,
    event,
    headBranch,
    headSha,
    url,
  };
}

function decidedTarget(
  eventId: EnvelopeHead['eventId'],
  { ordinal, owner, repo, workflow, ref, rule, outcome }: TargetDecision,
): DecidedTarget {
  const endpointId = githubEndpointId(owner, repo, workflow);
  const key = outcome.kind === 'allowed' ? outcome.dispatch.key : deniedKey(ordinal, endpointId);
  return {
    deliveryId: dispatchDeliveryId(eventId, key),
    endpointId,
    owner,
    repo,
    workflow,
    ...(ref === undefined ? {} : { ref }),
    rule,
    ...(outcome.kind === 'allowed' ? { dispatch: outcome.dispatch } : { denied: outcome.denial }),
  };
}

const withoutTexts = ({ files = [], ...fact }: DispatchDecided): DispatchDecided => ({
  ...fact,
  files: files.map((file) => (file.text === '' ? file : { ...file, text: '', isCut: true })),
});

const withoutDetails = ({ files: _files, ...fact }: DispatchDecided): DispatchDecided => ({
  ...fact,
  warnings: [...fact.warnings, 'details_left_out'],
  targets: fact.targets.map(({ denied, ...target }) => (denied === undefined ? target : { ...target, denied: { ...denied, detail: '' } })),
});
