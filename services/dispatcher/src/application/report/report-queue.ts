import type { EventId } from '@waybill/contracts';

/** Something to be written: the check run of one source run, or the issue of a workflow. */
export type ReportJob = { readonly kind: 'check'; readonly eventId: EventId } | { readonly kind: 'issue'; readonly workflow: string };

interface Waiting {
  readonly job: ReportJob;
  dueMs: number;
}

/** GitHub's limit for what notifies people is about 80 a minute and 500 an hour: one write in this time keeps below both. */
export const ISSUE_EVERY_MS = 8_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** What waits to be written through one installation. One at a time, so that a slow installation holds no other one up. */
export class ReportQueue {
  readonly #waiting = new Map<string, Waiting>();
  #pausedUntilMs = 0;
  #issuesFromMs = 0;
  #failures = 0;
  #failure: string | undefined;
  /** Whether somebody works on it. */
  isRunning = false;

  get size(): number {
    return this.#waiting.size;
  }

  /** Why the newest write gave nothing; undefined when it did. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Puts a job in, or brings it forward. Changes that come while it waits are written together. */
  add(job: ReportJob, dueMs: number): void {
    const key = keyOf(job);
    const known = this.#waiting.get(key);
    if (known === undefined) this.#waiting.set(key, { job, dueMs });
    else known.dueMs = Math.min(known.dueMs, dueMs);
  }

  remove(job: ReportJob): void {
    this.#waiting.delete(keyOf(job));
  }

  /** Not before this time. */
  putOff(job: ReportJob, dueMs: number): void {
    this.remove(job);
    this.add(job, dueMs);
  }

  /** The job that has waited longest for its time; undefined when there is none, or all must wait. */
  next(nowMs: number): ReportJob | undefined {
    if (nowMs < this.#pausedUntilMs) return undefined;
    let first: Waiting | undefined;
    for (const one of this.#waiting.values()) {
      const dueMs = one.job.kind === 'issue' ? Math.max(one.dueMs, this.#issuesFromMs) : one.dueMs;
      if (dueMs <= nowMs && (first === undefined || one.dueMs < first.dueMs)) first = one;
    }
    return first?.job;
  }

  pauseUntil(untilMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
  }

  /** GitHub gave nothing: the pause grows with each time, up to five minutes. */
  failed(detail: string, nowMs: number): void {
    this.#failure = detail;
    this.pauseUntil(nowMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures));
    this.#failures += 1;
  }

  /** GitHub asks to wait: that is no failure, but to be seen. */
  limited(detail: string, untilMs: number): void {
    this.#failure = detail;
    this.pauseUntil(untilMs);
  }

  worked(): void {
    this.#failures = 0;
    this.#failure = undefined;
  }

  /** No issue is written before this time. */
  holdIssues(untilMs: number): void {
    this.#issuesFromMs = untilMs;
  }

  /** Whether forgetting it changes nothing. */
  isForgettable(nowMs: number): boolean {
    return this.size === 0 && !this.isRunning && nowMs >= this.#issuesFromMs && nowMs >= this.#pausedUntilMs;
  }
}

const keyOf = (job: ReportJob): string => (job.kind === 'check' ? job.eventId : `issue ${job.workflow}`);
