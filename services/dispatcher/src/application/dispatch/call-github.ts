import { assertNever, type DispatchIntended } from '@waybill/contracts';
import type { DispatchAnswer } from '@waybill/github';
import { laneOfOwner } from '../../domain/dispatch/dispatch-endpoint.ts';
import { placeOf } from '../../domain/dispatch/dispatch-index.ts';
import type { CandidateRun } from '../../domain/dispatch/find-own-run.ts';
import { judgeLooks, lookAgainMs } from '../../domain/dispatch/judge-looks.ts';
import type { Told } from '../channel.ts';
import type { Conclusions } from './conclusions.ts';
import type { DispatchHistory } from './dispatch-history.ts';
import type { DispatchWrites, GithubCalls, NoAnswer } from './dispatch-ports.ts';
import { type DispatchCall, type DispatchWork, factBase, type SettledOutcome } from './dispatch-work.ts';
import type { OwnRuns } from './own-run.ts';
import type { StandInOrder } from './stand-in-order.ts';

export interface CallGithubPorts {
  readonly region: string;
  readonly github: GithubCalls;
  readonly history: Pick<DispatchHistory, 'fresh' | 'of' | 'noteIntended'>;
  readonly ownRuns: Pick<OwnRuns, 'find'>;
  readonly appendIntended: DispatchWrites['appendIntended'];
  /** Appends what became of a dispatch, and notes it. */
  readonly settle: (work: DispatchWork, outcome: SettledOutcome) => Promise<void>;
  readonly conclusions: Conclusions;
  readonly order: StandInOrder;
  /** Lets nothing through a lane of the gate until then, ms since 1970. */
  readonly pause: (lane: string, untilMs: number) => void;
  readonly nowMs: () => number;
  readonly recheckAfterMs: number;
  readonly reconcileMs: number;
  readonly limitedForMs: number;
}

/** The clocks of GitHub and of the regions may differ by so much. */
const CLOCK_MARGIN_MS = 30_000;
/** Those that another region took over meanwhile are never ended here; who is forgotten is looked for a little longer. */
const MAX_LOOKED_FOR = 10_000;
/** How soon the word of another region is looked for again. */
const OTHERS_MS = 2_000;
const NOT_FOUND = 404;
/** LOG knows the number of an intent for a minute: after a long wait for NATS another process of the region may have used it, and called. */
const SLOW_INTENT_MS = 20_000;
const FORBIDDEN: Told = { kind: 'forbidden' };
type Limited = Extract<NoAnswer, { kind: 'limited' }>;

/** The steps of a dispatch that ask GitHub. Each is called in the turn of the dispatch's place, and rejects only when the process stops. */
export class CallGithub {
  readonly #ports: CallGithubPorts;
  /** When runs were listed for a dispatch without finding its own, ms since 1970. */
  readonly #looks = new Map<string, number[]>();

  constructor(ports: CallGithubPorts) {
    this.#ports = ports;
  }

  /**
   * What was started without our knowledge is ours: in the place of another region, or by the dispatch that this one repeats. Undefined: nothing was.
   */
  async lookFirst(work: DispatchWork): Promise<Told | undefined> {
    const { github, conclusions } = this.#ports;
    const sinceMs = this.#lookSinceMs(work);
    if (sinceMs === undefined) return undefined;
    const listing = await github.runsOf(work.target, sinceMs);
    if (!work.mayDeliver()) return FORBIDDEN;
    switch (listing.kind) {
      case 'listed':
        return this.#takeInOrder(work, listing.runs, sinceMs);
      case 'refused': {
        if (listing.status === NOT_FOUND) return undefined;
        return this.#end(work, { kind: 'failed', reason: 'permission_missing', detail: listing.detail });
      }
      case 'limited':
        return this.#limited(work, listing);
      case 'away':
        return conclusions.again(work, { reason: 'connection_failed', detail: listing.detail }, { result: 'failed' });
      default:
        return assertNever(listing);
    }
  }

  /** Asks again whether the target wants it, when it was decided a while ago. Undefined: it does. */
  async recheck(work: DispatchWork): Promise<Told | undefined> {
    const { github, conclusions, recheckAfterMs, nowMs } = this.#ports;
    const isOld = work.mustLook || work.target.repeats !== undefined;
    if (!isOld && nowMs() - work.plannedMs <= recheckAfterMs) return undefined;
    const consent = await github.consent(work, work.target);
    if (!work.mayDeliver()) return FORBIDDEN;
    switch (consent.kind) {
      case 'given':
        return undefined;
      case 'denied':
        return this.#end(work, { kind: 'denied', ...consent.denial });
      case 'limited':
        return this.#limited(work, consent);
      case 'away':
        return conclusions.again(work, { reason: 'connection_failed', detail: consent.detail }, { result: 'failed' });
      default:
        return assertNever(consent);
    }
  }

  /** The intent, the call, and what became of it. From the intent on the region's end may come at any time: then what happened is looked for. */
  async call(work: DispatchCall): Promise<Told> {
    const { github, settle } = this.#ports;
    const { target, mayDeliver, onCutOff } = work;
    if (!mayDeliver()) return FORBIDDEN;
    if (!(await this.#intend(work))) return this.#unknown(work, 'another process of this region has it in hand', { result: 'untried' });
    const abort = new AbortController();
    const forget = onCutOff(() => abort.abort());
    try {
      if (!mayDeliver()) {
        await settle(work, { kind: 'released', detail: 'the region may not deliver any more' });
        return FORBIDDEN;
      }
      const answer = await github.start(target, abort.signal);
      return await this.#conclude(work, answer, abort.signal.aborted);
    } finally {
      forget();
    }
  }

  /** A call may have gone out since then: its run is looked for. */
  async lookForRun(work: DispatchWork, intendedMs: number): Promise<Told> {
    const { github, history, conclusions, nowMs } = this.#ports;
    const sinceMs = intendedMs - CLOCK_MARGIN_MS;
    const listing = await github.runsOf(work.target, sinceMs);
    if (!work.mayDeliver()) return FORBIDDEN;
    if (listing.kind === 'away' || listing.kind === 'limited') {
      const waitMs = listing.kind === 'limited' ? this.#pause(work, listing) : lookAgainMs(nowMs() - intendedMs);
      const result = listing.kind === 'limited' ? 'untried' : 'failed';
      return conclusions.again(work, { reason: 'outcome_unknown', detail: listing.detail, retryAfterMs: waitMs }, { result });
    }
    await history.fresh(true);
    if (!work.mayDeliver()) return FORBIDDEN;
    const { end, isUnknown } = history.of(work.target.key);
    if (end !== undefined) return conclusions.ended(work, end, { result: 'succeeded' });
    const found = await this.#ports.ownRuns.find(work, listing.kind === 'listed' ? listing.runs : [], sinceMs);
    if (!work.mayDeliver()) return FORBIDDEN;
    if (found.kind === 'wait') return this.#parked(OTHERS_MS);
    return found.kind === 'none' ? this.#notFound(work, intendedMs, isUnknown) : this.#take(work, found.run);
  }

  async #notFound(work: DispatchWork, intendedMs: number, isUnknown: boolean): Promise<Told> {
    const { settle, conclusions, nowMs, reconcileMs } = this.#ports;
    const { key } = work.target;
    const looksMs = [...(this.#looks.get(key) ?? []), nowMs()];
    const verdict = judgeLooks({ sinceMs: intendedMs, looksMs, nowMs: nowMs(), reconcileMs });
    if (verdict.kind === 'none') {
      const detail = `no run was found in ${looksMs.length} listings; whether one was started is not known`;
      return this.#end(work, { kind: 'failed', reason: 'github_unavailable', detail });
    }
    if (this.#looks.size >= MAX_LOOKED_FOR) this.#looks.clear();
    this.#looks.set(key, looksMs);
    if (!isUnknown) await settle(work, { kind: 'unknown', detail: 'the answer to the call was not seen' });
    const why = { reason: 'outcome_unknown', detail: 'no run was found so far', retryAfterMs: verdict.inMs } as const;
    return conclusions.again(work, why, { result: 'succeeded' });
  }

  /** Several may have been called over there, and which of them is not told by their runs. */
  async #takeInOrder(work: DispatchWork, runs: readonly CandidateRun[], sinceMs: number): Promise<Told | undefined> {
    const { order, ownRuns, nowMs } = this.#ports;
    const { target } = work;
    const found = await ownRuns.find(work, runs, sinceMs);
    if (!work.mayDeliver()) return FORBIDDEN;
    if (found.kind === 'none') return this.#mayComeLate(work) ? this.#parked(OTHERS_MS) : undefined;
    const waitMs = order.waitMs(placeOf(target), target.key, nowMs());
    if (waitMs !== undefined || found.kind === 'wait') return this.#parked(waitMs ?? OTHERS_MS);
    return this.#take(work, found.run);
  }

  /** From when on a run may have been started that is ours; undefined: none can have been. */
  #lookSinceMs({ mustLook, plannedMs, target }: DispatchWork): number | undefined {
    const repeatedMs = this.#unclearSinceMs(target);
    if (!mustLook && repeatedMs === undefined) return undefined;
    return Math.min(mustLook ? plannedMs : Number.POSITIVE_INFINITY, repeatedMs ?? Number.POSITIVE_INFINITY) - CLOCK_MARGIN_MS;
  }

  /** When the dispatch that this one repeats was called first, if it is not known whether that started a run. */
  #unclearSinceMs({ repeats }: DispatchWork['target']): number | undefined {
    const { openSinceMs, isUnknown, firstIntentMs } = this.#ports.history.of(repeats ?? '');
    return openSinceMs !== undefined || isUnknown ? firstIntentMs : undefined;
  }

  /** The call that is repeated went out just now: its run may not be listed yet. */
  #mayComeLate({ target }: DispatchWork): boolean {
    const { nowMs, reconcileMs } = this.#ports;
    return nowMs() - (this.#unclearSinceMs(target) ?? Number.NEGATIVE_INFINITY) < reconcileMs;
  }

  #parked(forMs: number): Told {
    return { kind: 'parked', dueMs: this.#ports.nowMs() + forMs };
  }

  #take(work: DispatchWork, { id: runId, url }: CandidateRun): Promise<Told> {
    return this.#end(work, { kind: 'started', runId, url, how: 'found' });
  }

  /** False when another process means to call too and said so first: it is up to that one. */
  async #intend(work: DispatchWork): Promise<boolean> {
    const { region, history, appendIntended, nowMs } = this.#ports;
    const { due, target } = work;
    const fact: DispatchIntended = { ...factBase(work, region, nowMs()), attempt: due.attempt };
    const nth = history.of(target.key).intents + 1;
    const isStored = await appendIntended(fact, { scope: due.scope, nth });
    if (isStored) history.noteIntended(fact);
    if (isStored && nowMs() - work.startedMs < SLOW_INTENT_MS) return true;
    await history.fresh(true);
    const { end, intents } = history.of(target.key);
    return isStored && end === undefined && intents === nth;
  }

  async #conclude(work: DispatchWork, answer: DispatchAnswer, isCut: boolean): Promise<Told> {
    const { settle, conclusions } = this.#ports;
    switch (answer.kind) {
      case 'started': {
        const { runId, url, httpStatus } = answer;
        const named = { ...(runId === undefined ? {} : { runId }), ...(url === undefined ? {} : { url }) };
        return this.#end(work, { kind: 'started', ...named, how: 'answered' }, httpStatus);
      }
      case 'refused':
        return this.#end(work, { kind: 'failed', reason: answer.reason, detail: answer.detail }, answer.httpStatus);
      case 'moved':
        return this.#end(work, { kind: 'denied', reason: 'target_moved', detail: answer.detail }, answer.httpStatus);
      case 'limited':
        return this.#limited(work, answer, answer.httpStatus);
      case 'unreached':
        await settle(work, { kind: 'released', detail: answer.detail });
        return conclusions.again(work, { reason: 'connection_failed', detail: answer.detail }, { result: isCut ? 'untried' : 'failed' });
      case 'unknown': {
        const { detail, httpStatus } = answer;
        return this.#unknown(work, detail, { result: isCut ? 'untried' : 'failed', httpStatus });
      }
      default:
        return assertNever(answer);
    }
  }

  async #unknown(work: DispatchWork, detail: string, about: Parameters<Conclusions['again']>[2]): Promise<Told> {
    await this.#ports.settle(work, { kind: 'unknown', detail });
    return this.#ports.conclusions.again(work, { reason: 'outcome_unknown', detail, retryAfterMs: lookAgainMs(0) }, about);
  }

  /** GitHub started nothing, and nothing goes through the installation until it says so. */
  async #limited(work: DispatchWork, limited: Omit<Limited, 'kind'>, httpStatus?: number): Promise<Told> {
    const { settle, conclusions, nowMs, limitedForMs, history } = this.#ports;
    const retryAfterMs = this.#pause(work, limited);
    const { detail } = limited;
    if (nowMs() - (work.due.limitedSinceMs ?? nowMs()) >= limitedForMs) {
      return this.#end(work, { kind: 'failed', reason: 'rate_limit_exhausted', detail }, httpStatus);
    }
    if (history.of(work.target.key).openSinceMs !== undefined) await settle(work, { kind: 'released', detail });
    return conclusions.again(work, { reason: 'rate_limited', detail, retryAfterMs }, { result: 'untried', httpStatus });
  }

  #pause({ target }: DispatchWork, { retryAfterMs }: Omit<Limited, 'kind'>): number {
    this.#ports.pause(laneOfOwner(target.owner), this.#ports.nowMs() + retryAfterMs);
    return retryAfterMs;
  }

  async #end(
    work: DispatchWork,
    end: Extract<SettledOutcome, { kind: 'started' | 'failed' | 'denied' }>,
    httpStatus?: number,
  ): Promise<Told> {
    const { settle, conclusions } = this.#ports;
    await settle(work, end);
    this.#looks.delete(work.target.key);
    this.#ports.order.forget(placeOf(work.target), work.target.key);
    return conclusions.ended(work, end, {
      result: end.kind === 'failed' && end.reason === 'rate_limit_exhausted' ? 'untried' : 'succeeded',
      httpStatus,
    });
  }
}
