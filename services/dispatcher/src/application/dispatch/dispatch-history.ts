import type { DispatchIntended, DispatchSettled, DispatchTarget } from '@waybill/contracts';
import { DispatchIndex, type KnownDispatch, placeOf } from '../../domain/dispatch/dispatch-index.ts';
import type { FollowedFacts } from './dispatch-ports.ts';

export interface DispatchHistoryPorts {
  readonly facts: FollowedFacts;
  readonly nowMs: () => number;
}

/** A dispatch, and the one that it is made in place of: whatever that one started is its own. */
const keysOf = ({ key, repeats }: DispatchTarget): string[] => (repeats === undefined ? [key] : [key, repeats]);

/** What was read less than this ago counts as the present, for work that nobody can have begun before. */
const FRESH_MS = 1_000;

/**
 * What this region knows of dispatches. Own facts are noted when they are written; those of others when they arrive. An intent is younger than its plan and
 * stored where that is, so whoever has a plan and has caught up knows whether his own region meant to call.
 */
export class DispatchHistory {
  readonly #ports: DispatchHistoryPorts;
  readonly #index: DispatchIndex;
  #caughtUpMs = Number.NEGATIVE_INFINITY;

  constructor(ports: DispatchHistoryPorts, index = new DispatchIndex()) {
    this.#ports = ports;
    this.#index = index;
  }

  /** Since when nothing is missing, ms since 1970. */
  get completeSinceMs(): number {
    return this.#index.completeSinceMs(this.#ports.nowMs());
  }

  /** Waits until all that there was at the start is known, and what has come since: all of it if it `must` be, else all of a second ago. */
  async fresh(must: boolean): Promise<void> {
    const { facts, nowMs } = this.#ports;
    await facts.loaded();
    const startedMs = nowMs();
    if (!must && startedMs - this.#caughtUpMs < FRESH_MS) return;
    await facts.catchUp();
    this.#caughtUpMs = Math.max(this.#caughtUpMs, startedMs);
  }

  of(key: string): KnownDispatch {
    return this.#index.of(key);
  }

  /** Since when (ms) an unknown outcome keeps the dispatch waiting; undefined: none does. */
  heldSinceMs(target: DispatchTarget): number | undefined {
    return this.#index.heldSinceMs(placeOf(target), keysOf(target), this.#ports.nowMs());
  }

  isOfAnother({ host, key }: DispatchTarget, runId: string): boolean {
    const starter = this.#index.startedBy(host, runId);
    return starter !== undefined && starter !== key;
  }

  namelessSince(target: DispatchTarget, sinceMs: number): number {
    return this.#index.namelessSince(placeOf(target), target.key, sinceMs);
  }

  noteIntended(fact: DispatchIntended): void {
    this.#index.noteIntended(fact);
  }

  noteSettled(fact: DispatchSettled): void {
    this.#index.noteSettled(fact);
  }
}
