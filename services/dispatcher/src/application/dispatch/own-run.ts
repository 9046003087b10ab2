import { type CandidateRun, findOwnRun } from '../../domain/dispatch/find-own-run.ts';
import type { DispatchHistory } from './dispatch-history.ts';
import type { DispatchWork } from './dispatch-work.ts';

export interface OwnRunPorts {
  readonly history: Pick<DispatchHistory, 'fresh' | 'of' | 'heldSinceMs' | 'isOfAnother' | 'namelessSince'>;
  /**
   * Whether all that the other living regions had written by then (ms since 1970) has arrived here. Never rejects. True without other regions.
   */
  readonly heardUntil: (untilMs: number) => Promise<boolean>;
  readonly nowMs: () => number;
}

/** The run that is ours; `wait`: there is one, and another region may still say that it is its own. */
export type OwnRun = { readonly kind: 'ours'; readonly run: CandidateRun } | { readonly kind: 'wait' } | { readonly kind: 'none' };

/** The clocks of two regions may differ by so much. */
const CLOCKS_MS = 3_000;
/** A region that lives and is not heard of for so long writes through no installation that is ours to use. */
const HEARD_AT_LAST_MS = 60_000;
const MAX_SEEN = 10_000;

const NONE: OwnRun = { kind: 'none' };
const WAIT: OwnRun = { kind: 'wait' };

/**
 * Finds the run that a dispatch started. While a region hands work back, both may call the same workflow for different events for a moment, and a run is
 * listed before its region's word has arrived: so a run that nothing explains is only taken when the others' facts of the time when it was first seen are here.
 */
export class OwnRuns {
  readonly #ports: OwnRunPorts;
  /** When a run was first listed that nothing explained, ms since 1970. */
  readonly #seen = new Map<string, number>();

  constructor(ports: OwnRunPorts) {
    this.#ports = ports;
  }

  /** Which of the listed runs is the one of `work`; it may have begun at `sinceMs` at the earliest. */
  async find(work: DispatchWork, runs: readonly CandidateRun[], sinceMs: number): Promise<OwnRun> {
    const { history } = this.#ports;
    const run = this.#unexplained(work, runs, sinceMs);
    if (run === undefined) return NONE;
    if (!(await this.#isHeard(run))) return WAIT;
    await history.fresh(true);
    if (this.#isOlderOpen(work)) return WAIT;
    if (this.#unexplained(work, runs, sinceMs)?.id !== run.id) return WAIT;
    this.#seen.delete(run.id);
    return { kind: 'ours', run };
  }

  /** Another call to the same place went out before ours and its run is not known: the oldest run is that one's. */
  #isOlderOpen({ target }: DispatchWork): boolean {
    const { history } = this.#ports;
    const otherMs = history.heldSinceMs(target);
    return otherMs !== undefined && otherMs < (history.of(target.key).openSinceMs ?? Number.POSITIVE_INFINITY);
  }

  #unexplained({ target }: DispatchWork, runs: readonly CandidateRun[], sinceMs: number): CandidateRun | undefined {
    const { history } = this.#ports;
    const isOfAnother = (runId: string): boolean => history.isOfAnother(target, runId);
    return findOwnRun({ runs, isOfAnother, nameless: history.namelessSince(target, sinceMs) });
  }

  async #isHeard({ id }: CandidateRun): Promise<boolean> {
    const { heardUntil, nowMs } = this.#ports;
    const seenMs = this.#seen.get(id) ?? nowMs();
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    this.#seen.set(id, seenMs);
    return nowMs() - seenMs >= HEARD_AT_LAST_MS || heardUntil(seenMs + CLOCKS_MS);
  }
}
