/** At most this many starts are remembered per endpoint; faster limits are kept over a shorter window. */
const MAX_REMEMBERED = 1_000;

/**
 * Strict rate limit: in any window as long as its own, no more starts than allowed; per second for rates of 1 and more.
 * Starts that found no room queue up behind one another in time: `reserveMs` tells each its turn.
 */
export class AttemptRate {
  #startsMs: number[] = [];
  #oldest = 0;
  #lastTurnMs = 0;

  /** Whether `perSecond` allows a start now. */
  mayStart(perSecond: number, nowMs: number): boolean {
    const allowed = startsAllowed(perSecond);
    if (this.#startsMs.length !== allowed) this.#resize(allowed);
    const oldestMs = this.#startsMs[this.#oldest] ?? 0;
    return nowMs - oldestMs >= (allowed / perSecond) * 1000;
  }

  /** Takes a start if `perSecond` allows one now. */
  tryStart(perSecond: number, nowMs: number): boolean {
    if (!this.mayStart(perSecond, nowMs)) return false;
    this.#startsMs[this.#oldest] = nowMs;
    this.#oldest = (this.#oldest + 1) % this.#startsMs.length;
    return true;
  }

  /** The time (ms) at which one more that waits should come back, one interval after the one before it. */
  reserveMs(perSecond: number, nowMs: number): number {
    this.#lastTurnMs = Math.max(this.#lastTurnMs, nowMs) + 1000 / perSecond;
    return this.#lastTurnMs;
  }

  /** Whether others wait for their turn, so that a newcomer must not overtake them. */
  hasQueue(nowMs: number): boolean {
    return this.#lastTurnMs > nowMs;
  }

  /** How many were given a turn that is still to come. */
  queued(perSecond: number, nowMs: number): number {
    return Math.ceil((Math.max(0, this.#lastTurnMs - nowMs) / 1000) * perSecond);
  }

  #resize(allowed: number): void {
    const inOrder = [...this.#startsMs.slice(this.#oldest), ...this.#startsMs.slice(0, this.#oldest)];
    const kept = inOrder.slice(-allowed);
    this.#startsMs = [...Array.from({ length: allowed - kept.length }, () => Number.NEGATIVE_INFINITY), ...kept];
    this.#oldest = 0;
  }
}

const startsAllowed = (perSecond: number): number => Math.min(MAX_REMEMBERED, Math.max(1, Math.floor(perSecond)));
