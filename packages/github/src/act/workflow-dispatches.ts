import type { DispatchTarget } from '@waybill/contracts';
import { z } from 'zod';
import type { DispatchAnswer } from '../answers.ts';
import type { Answered, Calls, Reply } from '../call/calls.ts';
import { githubId, isRepositoryName } from '../call/github-ids.ts';
import type { InstallationTokens, TokenScope } from '../call/installation-tokens.ts';
import type { Lanes } from '../call/lanes.ts';
import { dispatchRefusal } from './dispatch-refusal.ts';

/** From this version on the answer always names the run, and the key that asks for it is no longer taken. */
const NAMES_RUNS = '2026-03-10';
const startedSchema = z.object({ workflow_run_id: githubId.optional(), html_url: z.string().optional() });

/** Starts workflows, one call each. */
export class WorkflowDispatches {
  readonly #calls: Calls;
  readonly #tokens: InstallationTokens;
  readonly #lanes: Lanes;
  /** Whether the server has to be asked to name the run. An Enterprise Server to 3.19 does not know the key, and says so once. */
  #asksForRun: boolean;

  constructor(parts: { calls: Calls; tokens: InstallationTokens; lanes: Lanes; apiVersion: string | undefined }) {
    this.#calls = parts.calls;
    this.#tokens = parts.tokens;
    this.#lanes = parts.lanes;
    this.#asksForRun = parts.apiVersion === undefined || parts.apiVersion < NAMES_RUNS;
  }

  /** Never rejects, and makes no second call unless the first one was refused for the key that asks for the run. */
  async start(target: DispatchTarget, signal: AbortSignal): Promise<DispatchAnswer> {
    const { installationId, repositoryId, owner, repo } = target;
    const closed = this.#lanes.limited(installationId);
    if (closed !== undefined)
      return { kind: 'limited', retryAfterMs: closed.retryAfterMs, detail: 'GitHub asked to wait', httpStatus: closed.status };
    if (!isRepositoryName(owner, repo) || !/^\d+$/.test(repositoryId)) {
      return { kind: 'refused', reason: 'workflow_not_found', detail: 'this can be no repository', httpStatus: 404 };
    }
    const scope: TokenScope = { installationId, permissions: { actions: 'write' }, repositoryId };
    const minted = await this.#tokens.get(scope);
    if (minted.kind === 'failed') return this.#withoutToken(installationId, minted.reply);
    if (signal.aborted) return { kind: 'unreached', detail: 'cut off before the call' };
    const reply = await this.#post(target, minted.token, signal);
    if (reply.kind === 'answered' && reply.status === 401) this.#tokens.forget(scope);
    return this.#answerOf(installationId, reply);
  }

  async #post(target: DispatchTarget, token: string, signal: AbortSignal): Promise<Reply> {
    const { owner, repo, workflow, ref, inputs } = target;
    const path = '/repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches';
    const call = { method: 'POST', path, params: { owner, repo, workflow }, token, signal } as const;
    if (this.#asksForRun) {
      const reply = await this.#calls.send({ ...call, json: JSON.stringify({ ref, inputs, return_run_details: true }) });
      if (!isKeyRefused(reply)) return reply;
      this.#asksForRun = false;
    }
    return this.#calls.send({ ...call, json: JSON.stringify({ ref, inputs }) });
  }

  #answerOf(installationId: string, reply: Reply): DispatchAnswer {
    if (reply.kind === 'lost') return { kind: 'unknown', detail: reply.detail };
    if (reply.kind === 'unreached') return reply;
    const limit = this.#lanes.note(installationId, reply);
    const { status: httpStatus } = reply;
    const detail = reply.message ?? `GitHub answers ${httpStatus}`;
    if (limit !== undefined) return { kind: 'limited', retryAfterMs: limit.retryAfterMs, detail, httpStatus };
    if (httpStatus === 200 || httpStatus === 204) return startedOf(reply);
    if (httpStatus >= 300 && httpStatus < 400) return { kind: 'moved', detail: 'the repository was renamed or transferred', httpStatus };
    if (httpStatus === 401 && reply.message !== undefined) return { kind: 'unreached', detail: 'GitHub does not take the token' };
    const reason = dispatchRefusal(reply);
    return reason === undefined ? { kind: 'unknown', detail, httpStatus } : { kind: 'refused', reason, detail, httpStatus };
  }

  /** Nothing was sent to the workflow. */
  #withoutToken(installationId: string, reply: Reply): DispatchAnswer {
    if (reply.kind !== 'answered') return { kind: 'unreached', detail: `no token: ${reply.detail}` };
    const { status: httpStatus, message = 'no text' } = reply;
    const detail = `no token: GitHub answers ${httpStatus}: ${message}`;
    const limit = this.#lanes.note(installationId, reply);
    if (limit !== undefined) return { kind: 'limited', retryAfterMs: limit.retryAfterMs, detail, httpStatus };
    const isDefinite = reply.message !== undefined && [403, 404, 422].includes(httpStatus);
    return isDefinite ? { kind: 'refused', reason: 'permission_missing', detail, httpStatus } : { kind: 'unreached', detail };
  }
}

function isKeyRefused(reply: Reply): boolean {
  return reply.kind === 'answered' && [400, 422].includes(reply.status) && /return_run_details/.test(reply.message ?? '');
}

/** An answer that should name the run and cannot be read tells nothing for sure. */
function startedOf({ status: httpStatus, data }: Answered): DispatchAnswer {
  if (httpStatus === 204) return { kind: 'started', httpStatus };
  const { success, data: started } = startedSchema.safeParse(data);
  if (!success) return { kind: 'unknown', detail: 'the answer cannot be read', httpStatus };
  return { kind: 'started', runId: started.workflow_run_id, url: started.html_url, httpStatus };
}
