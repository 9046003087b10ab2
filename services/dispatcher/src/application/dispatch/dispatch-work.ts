import type { DispatchSettled, DispatchTarget, GithubRun, DueDelivery } from '@waybill/contracts';
import { githubRunSchema } from '@waybill/contracts';
import type { Payload } from '../payload.ts';
import type { OnCutOff } from '../attempt-ports.ts';

/** One dispatch in hand. */
export interface DispatchWork {
  readonly due: DueDelivery;
  readonly target: DispatchTarget;
  readonly run: GithubRun;
  readonly acceptedIn: string;
  readonly plannedMs: number;
  /** Somebody may have worked on it before, so nothing may be missing from what is known. */
  readonly isRepeat: boolean;
  /** Another region may have called without this one having heard of it. */
  readonly mustLook: boolean;
  readonly startedMs: number;
  readonly mayDeliver: () => boolean;
}

/** A dispatch in hand that has a place to be sent from. */
export interface DispatchCall extends DispatchWork {
  readonly onCutOff: OnCutOff;
}

/** Where a dispatch is worked on, and since when (ms). */
export interface WorkedOn {
  readonly region: string;
  readonly startedMs: number;
  readonly mayDeliver: () => boolean;
}

/** Undefined when the plan does not say what to call, or for which run. */
export function dispatchWork(due: DueDelivery, { body, dispatch }: Payload, here: WorkedOn): DispatchWork | undefined {
  const run = dispatch === undefined ? undefined : readRun(body);
  if (dispatch === undefined || run === undefined) return undefined;
  const { target, acceptedIn, plannedMs, region } = dispatch;
  const mustLook = due.lookFirst === true || region !== here.region;
  const isRepeat = dispatch.isRepeat || due.attempt > 1 || mustLook || target.repeats !== undefined;
  return { due, target, run, acceptedIn, plannedMs, isRepeat, mustLook, startedMs: here.startedMs, mayDeliver: here.mayDeliver };
}

function readRun(body: Uint8Array): GithubRun | undefined {
  try {
    return githubRunSchema.safeParse(JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What all facts about a dispatch say. */
export function factBase({ due, target }: Pick<DispatchWork, 'due' | 'target'>, region: string, atMs: number) {
  const { deliveryId, eventId, tenantId, endpointId } = due;
  const { key, host, repositoryId, workflow, ref } = target;
  const at = new Date(atMs).toISOString();
  return { v: 1, deliveryId, eventId, tenantId, endpointId, key, region, at, host, repositoryId, workflow, ref } as const;
}

export type SettledOutcome = DispatchSettled['outcome'];
