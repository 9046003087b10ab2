import { placeOf } from '../../domain/dispatch/dispatch-index.ts';
import { laneOfOwner } from '../../domain/dispatch/dispatch-endpoint.ts';
import { lookAgainMs } from '../../domain/dispatch/judge-looks.ts';
import { owedSinceMs } from '../../domain/owed-since.ts';
import { parkDelayMs } from '../../domain/park-delay.ts';
import type { Channel, Early, Sending, Told } from '../channel.ts';
import type { CallGithub, CallGithubPorts } from './call-github.ts';
import type { DispatchHistory } from './dispatch-history.ts';
import { type DispatchWork, dispatchWork } from './dispatch-work.ts';
import type { Turns } from './turns.ts';

export interface DispatchChannelPorts extends Pick<CallGithubPorts, 'region' | 'conclusions' | 'settle' | 'nowMs' | 'order'> {
  readonly history: Pick<DispatchHistory, 'fresh' | 'of' | 'heldSinceMs' | 'completeSinceMs'>;
  readonly calls: Pick<CallGithub, 'call' | 'lookForRun' | 'lookFirst' | 'recheck'>;
  readonly turns: Turns;
  /** Until when a lane of the gate is paused, ms since 1970; undefined: it is not. */
  readonly pausedUntilMs: (lane: string) => number | undefined;
  readonly isStopping: () => boolean;
  /** In [0, 1). */
  readonly random: () => number;
  /** How long GitHub may keep a dispatch waiting by its limits. */
  readonly limitedForMs: number;
}

/** The gate gives out the turns after a pause from its end on. */
const AFTER_PAUSE_MS = 1_000;
const PAYLOAD_LOST: Told = { kind: 'payload_lost' };
const FORBIDDEN: Told = { kind: 'forbidden' };
const OTHER = 'another dispatch of this workflow has an unknown outcome';

/**
 * Sends workflow dispatches. A dispatch starts at most one run: the intent to call is stored before the call, and an intent without an outcome is only ever
 * answered by looking for its run. Calls to one workflow and ref go one after the other, and wait while one of them is unknown, so that a run which is found
 * can belong to no other call.
 *
 * The limits: (1) in place of another region, whose intents may not have arrived, runs since the plan that nobody is known to have started are taken for
 * ours: the oldest for what was planned first. If that region called in another order, they are taken for one another. A run that GitHub does not list yet at
 * that moment is started again; a region takes over only when the other one has had to cut its calls off. (2) Runs that this App
 * started otherwise look like ours: by another deployment, or for tenants of whom nothing leaves another region. (3) An event that is older than what is
 * remembered (seven days, or the newest 250,000 dispatches) is not dispatched any more, unless an operator asks for it again. That is another dispatch: it
 * takes the run of the one that it repeats, if that turns out to have started one, as far back as is remembered; else it calls.
 */
export class DispatchChannel implements Channel {
  readonly #ports: DispatchChannelPorts;

  constructor(ports: DispatchChannelPorts) {
    this.#ports = ports;
  }

  async before({ due, loadPayload, mayDeliver }: Early): Promise<Told | undefined> {
    const { history, region, nowMs, order, turns } = this.#ports;
    const payload = await loadPayload();
    const work = payload === undefined ? undefined : dispatchWork(due, payload, { region, startedMs: nowMs(), mayDeliver });
    if (work === undefined) return mayDeliver() ? PAYLOAD_LOST : FORBIDDEN;
    await history.fresh(work.isRepeat);
    if (!mayDeliver()) return FORBIDDEN;
    const { key } = work.target;
    const ended = await this.#ended(work);
    if (ended !== undefined) return ended;
    if (work.mustLook) order.note(placeOf(work.target), { key, plannedMs: work.plannedMs, nowMs: nowMs() });
    const late = await this.#tooLate(work);
    // A call that this process has in hand is not unknown: its end is waited for in turn.
    return late ?? (turns.isBusy(placeOf(work.target)) ? undefined : this.#held(work));
  }

  async send({ due, payload, mayDeliver, onCutOff }: Sending): Promise<Told> {
    const { region, nowMs, turns } = this.#ports;
    const work = dispatchWork(due, payload, { region, startedMs: nowMs(), mayDeliver });
    if (work === undefined) return PAYLOAD_LOST;
    return turns.inTurn(placeOf(work.target), async () => this.#giveUpAfter(work, await this.#send({ ...work, onCutOff })));
  }

  /** What ended before, by itself or because the dispatch in whose place it is made turns out to have started its run. */
  async #ended(work: DispatchWork): Promise<Told | undefined> {
    const { history, conclusions, settle } = this.#ports;
    const { key, repeats } = work.target;
    const { end, openSinceMs } = history.of(key);
    if (end !== undefined) return conclusions.ended(work, end);
    const earlier = repeats === undefined || openSinceMs !== undefined ? undefined : history.of(repeats).end;
    if (earlier?.kind !== 'started') return undefined;
    const started = { ...earlier, how: 'found' } as const;
    await settle(work, started);
    return conclusions.ended(work, started);
  }

  /** The last try is followed by no other word about the call, so whoever follows its story is told here. */
  async #giveUpAfter(work: DispatchWork, told: Told): Promise<Told> {
    if (told.kind !== 'sent' || told.outcome.kind !== 'retryable' || told.next.kind !== 'dead_lettered') return told;
    const { history, settle } = this.#ports;
    if (history.of(work.target.key).openSinceMs === undefined) {
      await settle(work, { kind: 'released', detail: told.outcome.detail, givenUp: true });
    }
    return told;
  }

  async #send(work: DispatchWork & Pick<Sending, 'onCutOff'>): Promise<Told> {
    const { history, calls, isStopping, pausedUntilMs, nowMs } = this.#ports;
    if (isStopping()) return { kind: 'stopped' };
    await history.fresh(work.isRepeat);
    if (!work.mayDeliver()) return FORBIDDEN;
    const ended = await this.#ended(work);
    if (ended !== undefined) return ended;
    const { openSinceMs } = history.of(work.target.key);
    const pausedMs = pausedUntilMs(laneOfOwner(work.target.owner));
    // It was paused while this one, which has a place, waited for its turn.
    if (pausedMs !== undefined && pausedMs > nowMs()) return { kind: 'parked', dueMs: pausedMs + AFTER_PAUSE_MS, reason: 'paused' };
    if (openSinceMs !== undefined) return calls.lookForRun(work, openSinceMs);
    return this.#held(work) ?? (await calls.lookFirst(work)) ?? (await calls.recheck(work)) ?? calls.call(work);
  }

  /** What is too old to be sent, or has waited for GitHub's limits for too long. */
  async #tooLate(work: DispatchWork): Promise<Told | undefined> {
    const { history, settle, conclusions, nowMs, limitedForMs, pausedUntilMs } = this.#ports;
    const { due, target } = work;
    if ((owedSinceMs(due) ?? 0) < history.completeSinceMs) {
      const end = { kind: 'failed', reason: 'github_unavailable', detail: 'what became of it earlier is not remembered any more' } as const;
      await settle(work, end);
      return conclusions.ended(work, end);
    }
    const { limitedSinceMs } = due;
    const isLimited = limitedSinceMs !== undefined && (pausedUntilMs(laneOfOwner(target.owner)) ?? 0) > nowMs();
    if (!isLimited || nowMs() - limitedSinceMs < limitedForMs || history.of(target.key).openSinceMs !== undefined) return undefined;
    const end = { kind: 'failed', reason: 'rate_limit_exhausted', detail: 'GitHub kept it waiting for too long' } as const;
    await settle(work, end);
    return conclusions.ended(work, end);
  }

  /** The first wait is told; those that follow leave no mark. */
  #held(work: DispatchWork): Told | undefined {
    const { history, conclusions, nowMs, random } = this.#ports;
    const sinceMs = history.of(work.target.key).openSinceMs === undefined ? history.heldSinceMs(work.target) : undefined;
    if (sinceMs === undefined) return undefined;
    const retryAfterMs = lookAgainMs(nowMs() - sinceMs);
    const { attempt, parked } = work.due;
    // Thousands may wait: they come back less and less often, and not all at once.
    if (attempt > 1 || parked > 0) return { kind: 'parked', dueMs: nowMs() + Math.max(retryAfterMs, parkDelayMs(parked, random())) };
    return conclusions.again(work, { reason: 'waiting_for_other', detail: OTHER, retryAfterMs }, { result: 'untried' });
  }
}
