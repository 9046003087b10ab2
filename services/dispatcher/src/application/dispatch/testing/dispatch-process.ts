import type { DeliveryAttempted, DispatchIntended, DispatchSettled, DispatchTarget, DueDelivery } from '@waybill/contracts';
import type { DispatchAnswer } from '@waybill/github';
import { AttemptDelivery, type AttemptEnd } from '../../attempt-delivery.ts';
import { NO_LANES } from '../../ordering/testing/no-lanes.ts';
import { OwnOutput } from '../../own-output.ts';
import { DeliveryPermission } from '../../permission.ts';
import { dispatchEndpoint } from '../../../domain/dispatch/dispatch-endpoint.ts';
import { DispatchIndex, placeOf } from '../../../domain/dispatch/dispatch-index.ts';
import type { CandidateRun } from '../../../domain/dispatch/find-own-run.ts';
import { CallGithub } from '../call-github.ts';
import { Conclusions } from '../conclusions.ts';
import { DispatchChannel } from '../dispatch-channel.ts';
import { DispatchHistory } from '../dispatch-history.ts';
import type { Consent, GithubCalls, Listing } from '../dispatch-ports.ts';
import { type DispatchWork, factBase, type SettledOutcome } from '../dispatch-work.ts';
import { OwnRuns } from '../own-run.ts';
import { StandInOrder } from '../stand-in-order.ts';
import { Turns } from '../turns.ts';
import type { PlannedDelivery } from './planned.ts';

/** How GitHub treats one call: it answers; the answer is lost, after the run was started or before; or it starts nothing. */
export type Treatment = 'answer' | 'lost-after' | 'lost-before' | Exclude<DispatchAnswer, { kind: 'started' | 'unknown' }>;

export const SETTINGS = { recheckAfterMs: 60_000, reconcileMs: 120_000, limitedForMs: 600_000 };
export const START_MS = Date.parse('2026-11-21T10:00:00.000Z');

type Fact = { readonly region: string; readonly scope: string } & (
  | { readonly type: 'intended'; readonly fact: DispatchIntended }
  | { readonly type: 'settled'; readonly fact: DispatchSettled }
);

/** A GitHub that remembers what it started, and the facts and schedules of all regions. Time goes on when a test says so. */
export class MemoryWorld implements GithubCalls {
  nowMs = START_MS;
  readonly runs: (CandidateRun & { readonly place: string; readonly key: string })[] = [];
  readonly treatments: Treatment[] = [];
  listing: ((runs: readonly CandidateRun[]) => Listing) | undefined;
  consentIs: Consent = { kind: 'given' };
  /** Called while a call is under way. */
  duringCall: (signal: AbortSignal) => void = () => undefined;
  calls = 0;
  listed = 0;
  readonly facts: Fact[] = [];
  readonly attempted: (DeliveryAttempted & { scope: string })[] = [];
  readonly due: { readonly region: string; readonly due: DueDelivery; readonly dueMs: number }[] = [];
  readonly paused = new Map<string, number>();
  /** Facts of other regions that have arrived are those before this place. */
  replicatedTo = Number.POSITIVE_INFINITY;
  /** What the other living regions wrote until then has arrived, ms since 1970. */
  heardToMs = Number.POSITIVE_INFINITY;

  start(target: DispatchTarget, signal: AbortSignal): Promise<DispatchAnswer> {
    this.calls += 1;
    const treatment = this.treatments.shift() ?? 'answer';
    if (typeof treatment === 'object') return Promise.resolve(treatment);
    if (treatment !== 'lost-before') this.run(target);
    this.duringCall(signal);
    if (signal.aborted || treatment !== 'answer') return Promise.resolve({ kind: 'unknown', detail: 'lost' });
    return Promise.resolve({ kind: 'started', runId: this.runs.at(-1)?.id, url: 'https://github.test/run', httpStatus: 200 });
  }

  runsOf(target: DispatchTarget, sinceMs: number): Promise<Listing> {
    this.listed += 1;
    const runs = this.runs.filter(({ place, createdAt }) => place === placeOf(target) && Date.parse(createdAt) >= sinceMs);
    return Promise.resolve(this.listing?.(runs) ?? { kind: 'listed', runs });
  }

  consent(): Promise<Consent> {
    return Promise.resolve(this.consentIs);
  }

  /** A run that this dispatch starts. */
  run(target: DispatchTarget): string {
    const id = String(7_000_000_000_000_000_000n + BigInt(this.runs.length));
    this.runs.push({
      id,
      url: 'https://github.test/run',
      createdAt: new Date(this.nowMs).toISOString(),
      place: placeOf(target),
      key: target.key,
    });
    return id;
  }

  effects(key: string): number {
    return this.runs.filter((run) => run.key === key).length;
  }

  ends(deliveryId: string): string[] {
    const own = this.attempted.filter((fact) => fact.deliveryId === deliveryId);
    return own.flatMap(({ next }) => (next.kind === 'retry' ? [] : ['reason' in next ? next.reason : next.kind]));
  }

  said(deliveryId: string): string[] {
    const own = this.attempted.filter((fact) => fact.deliveryId === deliveryId);
    return own.map(({ outcome }) => (outcome.kind === 'accepted' ? 'accepted' : outcome.reason));
  }
}

export class Died extends Error {}

/** Where a process dies: right before or right after its nth step. */
export interface Death {
  readonly nth: number;
  readonly when: 'before' | 'after';
}

/** One process of a region; dead, it does nothing any more. */
export class DispatchProcess {
  readonly world: MemoryWorld;
  readonly region: string;
  readonly attempts: AttemptDelivery;
  readonly permission = { open: true, cut: (): void => undefined };
  readonly index = new DispatchIndex();
  readonly steps: string[] = [];
  /** Awaited before an intent is stored; after a minute its number may be taken again. */
  beforeIntent: (() => Promise<void>) | undefined;
  readonly #death: Death | undefined;
  #readTo = 0;

  constructor(world: MemoryWorld, region = 'us', death?: Death) {
    this.world = world;
    this.region = region;
    this.#death = death;
    this.attempts = this.#attempts();
  }

  /** Works on a message until its end; what a dead process had in hand is left as it is. */
  async work(due: DueDelivery, plan: PlannedDelivery, isRepeat = due.attempt > 1): Promise<AttemptEnd | 'died'> {
    try {
      return await this.attempts.attempt(due, async () => plan.payload(isRepeat));
    } catch (error) {
      if (error instanceof Died) return 'died';
      throw error;
    }
  }

  #step<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    this.steps.push(name);
    return this.#run(this.steps.length, work);
  }

  async #run<T>(nth: number, work: () => Promise<T> | T): Promise<T> {
    const isDead = this.#death !== undefined && nth > this.#death.nth;
    const diesHere = this.#death?.nth === nth;
    if (isDead || (diesHere && this.#death?.when === 'before')) throw new Died();
    const result = await work();
    if (diesHere) throw new Died();
    return result;
  }

  #attempts(): AttemptDelivery {
    const { world, region } = this;
    const own = new OwnOutput();
    for (const { deliveryId, attempt, next, region: by } of world.attempted) if (by === region) own.remember(deliveryId, { attempt, next });
    const { permission } = this;
    const regionPermission = {
      get open() {
        return permission.open;
      },
      onCut: (listener: () => void) => {
        permission.cut = listener;
        return () => undefined;
      },
    };
    return new AttemptDelivery({
      region,
      lanes: NO_LANES,
      memory: own,
      findEndpoint: (tenantId, endpointId) => dispatchEndpoint(tenantId, endpointId, 1),
      isDeleted: () => false,
      prepare: () => {
        throw new Error('no webhook is expected');
      },
      dispatches: this.#channel(),
      permission: new DeliveryPermission(regionPermission, () => undefined),
      enter: async () => ({ kind: 'admitted', leave: () => ({ circuitOpened: false }) }),
      appendAttempted: (fact, scope) => this.#step('attempted', () => void world.attempted.push({ ...fact, scope })),
      appendRefused: () => Promise.reject(new Error('nothing is refused')),
      scheduleDue: (due, dueMs) => this.#step('schedule', () => void world.due.push({ region, due, dueMs })),
      health: { gone: async () => undefined, succeeded: () => undefined, failed: () => undefined },
      holdBody: () => Promise.reject(new Error('no large payload is expected')),
      maxRetryAfterMs: 1_000,
      nowMs: () => world.nowMs,
      random: () => 0,
    });
  }

  #channel(): DispatchChannel {
    const { world, region } = this;
    const nowMs = (): number => world.nowMs;
    const facts = { loaded: async () => this.#catchUp(), catchUp: async () => this.#catchUp() };
    const history = new DispatchHistory({ facts, nowMs }, this.index);
    const conclusions = new Conclusions({ schedule: [5_000, 30_000], nowMs, random: () => 0 });
    const settle = async (work: DispatchWork, outcome: SettledOutcome): Promise<void> => {
      const fact: DispatchSettled = { ...factBase(work, region, world.nowMs), chain: work.target.chain, outcome };
      await this.#step('settled', () => void world.facts.push({ type: 'settled', region, scope: work.due.scope, fact }));
      history.noteSettled(fact);
    };
    const common = { region, history, conclusions, settle, nowMs, order: new StandInOrder(), ...SETTINGS };
    const github: GithubCalls = {
      start: (target, signal) => this.#step('call', () => world.start(target, signal)),
      runsOf: (target, sinceMs) => this.#step('list', () => world.runsOf(target, sinceMs)),
      consent: () => this.#step('consent', () => world.consent()),
    };
    const numbered = (nth: number, key: string): boolean =>
      world.facts.filter((one) => one.type === 'intended' && one.region === region && one.fact.key === key).length >= nth;
    const ownRuns = new OwnRuns({ ...common, heardUntil: (untilMs) => Promise.resolve(world.heardToMs >= untilMs) });
    const calls = new CallGithub({
      ...common,
      ownRuns,
      github,
      appendIntended: (fact, { scope, nth }) =>
        this.#step('intended', async () => {
          const isLate = this.beforeIntent !== undefined;
          await this.beforeIntent?.();
          const duplicate = !isLate && numbered(nth, fact.key);
          if (!duplicate) world.facts.push({ type: 'intended', region, scope, fact });
          return !duplicate;
        }),
      pause: (lane, untilMs) => void world.paused.set(lane, untilMs),
    });
    const pausedUntilMs = (lane: string): number | undefined => world.paused.get(lane);
    return new DispatchChannel({ ...common, calls, turns: new Turns(), pausedUntilMs, isStopping: () => false, random: () => 0 });
  }

  #catchUp(): void {
    const { facts, replicatedTo } = this.world;
    for (const [place, one] of facts.entries()) {
      const isNew = place >= this.#readTo || one.region !== this.region;
      if (!isNew || (one.region !== this.region && place >= replicatedTo)) continue;
      if (one.type === 'intended') this.index.noteIntended(one.fact);
      else this.index.noteSettled(one.fact);
    }
    this.#readTo = facts.length;
  }
}
