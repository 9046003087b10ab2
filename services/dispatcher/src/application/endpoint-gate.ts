import { afterFailure, afterNoProbe, afterSuccess, askPassage, type CircuitPolicy } from '../domain/circuit.ts';
import { AttemptRate } from '../domain/attempt-rate.ts';
import { type Ask, Lane } from '../domain/gate-lane.ts';
import { parkDelayMs } from '../domain/park-delay.ts';

/** What an admitted attempt gave: it reached the endpoint and was accepted, or not; or it was never sent. */
export type AttemptResult = 'succeeded' | 'failed' | 'untried';

/** `paused`: the receiver asked for it. */
type ParkReason = 'busy' | 'rate' | 'circuit' | 'paused';

/** Answer to an ask. `parked`: come back at `dueMs`; that was no attempt. `stopped`: the process is stopping. */
export type Admission =
  | { readonly kind: 'admitted'; readonly leave: (result: AttemptResult) => { circuitOpened: boolean } }
  | { readonly kind: 'parked'; readonly dueMs: number; readonly reason: ParkReason }
  | { readonly kind: 'stopped' };

export interface GateOptions {
  /** Attempts in flight to one endpoint. */
  readonly endpointConcurrency: number;
  /** Attempts that may wait for a place at one endpoint whatever its pace, and how long. */
  readonly queueLength: number;
  readonly queueWaitMs: number;
  /** Attempts in flight altogether, and the share (0-1] that retries may take. */
  readonly concurrency: number;
  readonly retryShare: number;
  /** Starts per second in the whole region; absent: any. */
  readonly rateLimit?: number | undefined;
  readonly circuit: CircuitPolicy;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

const IDLE_MS = 60_000;
const FAILED_IDLE_MS = 60 * 60_000;
/** The pace of an endpoint is not trusted further ahead than this. */
const FORESIGHT_MS = 10_000;
/** A schedule fires with a granularity of about a second. */
const SHORTEST_PARK_MS = 1_000;
const STOPPED: Admission = { kind: 'stopped' };

/**
 * Decides who may send now. Each endpoint has a lane with a bounded number in flight, a short queue, a rate and a circuit; all share one
 * budget, of which retries get a part, and the region's rate. Whoever does not fit is parked, so that a slow or dead receiver holds nobody else up.
 */
export class EndpointGate {
  readonly #options: GateOptions;
  readonly #lanes = new Map<string, Lane<Admission>>();
  readonly #crowded = new Set<Lane<Admission>>();
  readonly #rate = new AttemptRate();
  #inFlight = 0;
  #retriesInFlight = 0;
  #stopped = false;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Attempts that the region's own rate keeps waiting for their turn. */
  get waitingForTurn(): number {
    const { rateLimit, nowMs } = this.#options;
    return rateLimit === undefined ? 0 : this.#rate.queued(rateLimit, nowMs());
  }

  /** Whether nobody is admitted any more. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Endpoints that are remembered, and attempts in flight. */
  get size(): { lanes: number; inFlight: number } {
    return { lanes: this.#lanes.size, inFlight: this.#inFlight };
  }

  /** Where attempts wait for a place, and how many. */
  get waiting(): { readonly endpointId: string; readonly waiting: number }[] {
    return [...this.#crowded].flatMap((lane) => {
      const first = lane.first[0] ?? lane.retry[0];
      return first === undefined ? [] : [{ endpointId: first.ask.endpointId, waiting: lane.waiting }];
    });
  }

  /** Endpoints whose circuit lets nobody through, or one probe at a time. */
  get openCircuits(): number {
    let open = 0;
    for (const { circuit } of this.#lanes.values()) if (circuit.kind !== 'closed') open += 1;
    return open;
  }

  /** Admits at once, or after a wait of at most `queueWaitMs`, or parks. An admitted attempt must call `leave` exactly once. */
  enter(ask: Ask): Promise<Admission> {
    if (this.#stopped) return Promise.resolve(STOPPED);
    const lane = this.#laneOf(ask.endpointId);
    const overtakes = lane.queueOf(ask.priority).length > 0;
    const admission = overtakes ? undefined : this.#tryStart(lane, ask);
    if (admission !== undefined) return Promise.resolve(admission);
    return this.#mayWait(lane) ? this.#wait(lane, ask) : Promise.resolve(this.#parkBusy(lane, ask));
  }

  /**
   * Admits nobody to this endpoint before `untilMs`; a shorter pause does not end a longer one. Who asks meanwhile is parked: they come back one after the
   * other when it is over, in the order in which they asked.
   */
  pause(endpointId: string, untilMs: number): void {
    const lane = this.#laneOf(endpointId);
    lane.pausedUntilMs = Math.max(lane.pausedUntilMs, untilMs);
  }

  /** Until when an endpoint is paused, ms since 1970; undefined when it is not. */
  pausedUntilMs(endpointId: string): number | undefined {
    const untilMs = this.#lanes.get(endpointId)?.pausedUntilMs ?? 0;
    return untilMs > this.#options.nowMs() ? untilMs : undefined;
  }

  /** The endpoints that are paused now, and until when, ms since 1970. */
  paused(): { readonly endpointId: string; readonly untilMs: number }[] {
    return [...this.#lanes.keys()].flatMap((endpointId) => {
      const untilMs = this.pausedUntilMs(endpointId);
      return untilMs === undefined ? [] : { endpointId, untilMs };
    });
  }

  /** Whether somebody waits for a place or a turn at this endpoint. */
  isAwaited(endpointId: string): boolean {
    const lane = this.#lanes.get(endpointId);
    return lane !== undefined && (lane.waiting > 0 || lane.rate.hasQueue(this.#options.nowMs()));
  }

  /** Parks who waited too long and forgets idle endpoints. Call it a few times per second. */
  sweep(): void {
    const nowMs = this.#options.nowMs();
    for (const lane of this.#crowded) {
      for (const queue of [lane.first, lane.retry]) {
        while (queue[0] !== undefined && nowMs - queue[0].sinceMs >= this.#options.queueWaitMs) {
          const waiter = queue.shift();
          waiter?.answer(this.#parkBusy(lane, waiter.ask));
        }
      }
      if (lane.waiting === 0) this.#crowded.delete(lane);
    }
    for (const [id, lane] of this.#lanes) if (lane.isForgettable(nowMs, IDLE_MS, FAILED_IDLE_MS)) this.#lanes.delete(id);
  }

  /** Admits nobody any more; who waits is told so. Attempts in flight are left to finish. */
  stop(): void {
    this.#stopped = true;
    for (const lane of this.#crowded)
      for (const queue of [lane.first, lane.retry]) for (const { answer } of queue.splice(0)) answer(STOPPED);
    this.#crowded.clear();
  }

  /**
   * Who waits holds a message whose place others could use. So nobody waits where nothing moves, and elsewhere as many as the endpoint can
   * serve in time at its pace; being parked costs more than the attempt itself, so a burst to a fast receiver must not take that detour.
   */
  #mayWait(lane: Lane<Admission>): boolean {
    const { queueLength, queueWaitMs, endpointConcurrency, concurrency, nowMs } = this.#options;
    if (lane.isStalled(nowMs(), queueWaitMs)) return false;
    if (lane.waiting < queueLength) return true;
    const expectedMs = lane.expectedWaitMs(endpointConcurrency);
    return expectedMs === undefined ? (lane.waiting + 1) * 2 <= concurrency : expectedMs <= queueWaitMs;
  }

  #wait(lane: Lane<Admission>, ask: Ask): Promise<Admission> {
    return new Promise((answer) => {
      lane.queueOf(ask.priority).push({ ask, sinceMs: this.#options.nowMs(), answer });
      this.#crowded.add(lane);
    });
  }

  /** Starts or parks; undefined when there is no place now. */
  #tryStart(lane: Lane<Admission>, ask: Ask): Admission | undefined {
    const nowMs = this.#options.nowMs();
    lane.usedMs = nowMs;
    if (nowMs < lane.pausedUntilMs) return this.#park('paused', this.#afterPauseMs(lane, ask));
    const passage = askPassage(lane.circuit, nowMs);
    if (passage.kind === 'paused')
      return this.#park('circuit', Math.max(passage.untilMs ?? nowMs, nowMs) + parkDelayMs(0, this.#options.random()));
    if (!this.#hasPlace(lane, ask)) return undefined;
    const dueMs = this.#takeTurn(lane, ask, nowMs);
    if (dueMs !== undefined) return this.#park('rate', dueMs);
    if (passage.kind === 'probe') lane.circuit = passage.circuit;
    return this.#admit(lane, ask);
  }

  #afterPauseMs(lane: Lane<Admission>, { rateLimit }: Ask): number {
    const { pausedUntilMs } = lane;
    return rateLimit === undefined ? pausedUntilMs + parkDelayMs(0, this.#options.random()) : lane.rate.reserveMs(rateLimit, pausedUntilMs);
  }

  #hasPlace(lane: Lane<Admission>, ask: Ask): boolean {
    const { concurrency, endpointConcurrency, retryShare } = this.#options;
    if (this.#inFlight >= concurrency) return false;
    // When half of the budget is gone, many endpoints are slow at once: each gets less, so that a dozen dead ones cannot take it all.
    const allowed = this.#inFlight * 2 < concurrency ? endpointConcurrency : Math.max(1, Math.ceil(endpointConcurrency / 4));
    if (lane.inFlight >= allowed) return false;
    if (ask.priority === 'first') return true;
    return this.#retriesInFlight < Math.max(1, concurrency * retryShare) && lane.retriesInFlight < Math.max(1, endpointConcurrency / 2);
  }

  /** Takes a start within both rates, or tells when to come back. */
  #takeTurn(lane: Lane<Admission>, ask: Ask, nowMs: number): number | undefined {
    const { rateLimit } = this.#options;
    const dueMs = turnMs(this.#rate, rateLimit, ask, nowMs) ?? turnMs(lane.rate, ask.rateLimit, ask, nowMs);
    if (dueMs !== undefined) return dueMs;
    if (rateLimit !== undefined) this.#rate.tryStart(rateLimit, nowMs);
    if (ask.rateLimit !== undefined) lane.rate.tryStart(ask.rateLimit, nowMs);
    return undefined;
  }

  #admit(lane: Lane<Admission>, ask: Ask): Admission {
    const retry = ask.priority === 'retry' ? 1 : 0;
    const startedMs = this.#options.nowMs();
    this.#count(lane, 1, retry);
    lane.movedMs = startedMs;
    const leave = (result: AttemptResult): { circuitOpened: boolean } => {
      const wasOpen = lane.circuit.kind !== 'closed';
      this.#count(lane, -1, -retry);
      lane.movedMs = this.#options.nowMs();
      if (result !== 'untried') lane.learn(lane.movedMs - startedMs);
      lane.circuit = this.#circuitAfter(lane, result);
      this.#fill(lane);
      return { circuitOpened: !wasOpen && lane.circuit.kind === 'open' };
    };
    return { kind: 'admitted', leave };
  }

  #circuitAfter(lane: Lane<Admission>, result: AttemptResult): Lane<Admission>['circuit'] {
    const { circuit, nowMs } = this.#options;
    if (result === 'succeeded') return afterSuccess();
    return result === 'failed' ? afterFailure(lane.circuit, nowMs(), circuit) : afterNoProbe(lane.circuit, nowMs());
  }

  #count(lane: Lane<Admission>, one: number, retry: number): void {
    lane.inFlight += one;
    lane.retriesInFlight += retry;
    this.#inFlight += one;
    this.#retriesInFlight += retry;
  }

  /** A place became free: the endpoint's own waiters come first, then those of others, who may have waited for the common budget. */
  #fill(lane: Lane<Admission>): void {
    if (this.#crowded.size === 0) return;
    this.#fillLane(lane);
    for (const other of this.#crowded) {
      if (this.#inFlight >= this.#options.concurrency) return;
      this.#fillLane(other);
    }
  }

  #fillLane(lane: Lane<Admission>): void {
    for (const queue of [lane.first, lane.retry]) {
      for (let next = queue[0]; next !== undefined; next = queue[0]) {
        const admission = this.#tryStart(lane, next.ask);
        if (admission === undefined) break;
        queue.shift();
        next.answer(admission);
      }
    }
    if (lane.waiting === 0) this.#crowded.delete(lane);
  }

  /** Who is new comes back when the endpoint should have got so far, at its pace; who came back in vain, or finds no pace, some time later. */
  #parkBusy(lane: Lane<Admission>, ask: Ask): Admission {
    const { nowMs, random, queueWaitMs, endpointConcurrency } = this.#options;
    const now = nowMs();
    const pace = ask.parked === 0 && !lane.isStalled(now, queueWaitMs) ? lane.pacePerSecond(endpointConcurrency) : undefined;
    return this.#park(
      'busy',
      pace === undefined ? now + parkDelayMs(ask.parked, random()) : Math.min(lane.rate.reserveMs(pace, now), now + FORESIGHT_MS),
    );
  }

  #park(reason: ParkReason, dueMs: number): Admission {
    return { kind: 'parked', reason, dueMs: Math.round(Math.max(dueMs, this.#options.nowMs() + SHORTEST_PARK_MS)) };
  }

  #laneOf(endpointId: string): Lane<Admission> {
    const known = this.#lanes.get(endpointId);
    if (known !== undefined) return known;
    const lane = new Lane<Admission>();
    this.#lanes.set(endpointId, lane);
    return lane;
  }
}

/** When to come back for a turn; undefined when there is one now. Newcomers go behind those who wait; who comes back tries again soon. */
function turnMs(rate: AttemptRate, perSecond: number | undefined, { parked }: Ask, nowMs: number): number | undefined {
  if (perSecond === undefined) return undefined;
  const mustQueue = parked === 0 && rate.hasQueue(nowMs);
  if (!mustQueue && rate.mayStart(perSecond, nowMs)) return undefined;
  return parked === 0 ? rate.reserveMs(perSecond, nowMs) : nowMs + 1000 / perSecond;
}
