import type { EventId } from '@waybill/contracts';

/** Something to be written: the check run of one source run, or the issue of a workflow. */
export type ReportJob = { readonly kind: 'check'; readonly eventId: EventId } | { readonly kind: 'issue'; readonly workflow: string };

interface Waiting {
  readonly job: ReportJob;
  dueMs: number;
  failures: number;
  failure: string | undefined;
}

/** GitHub's limit for what notifies people is about 80 a minute and 500 an hour: one write in this time keeps below both. */
export const ISSUE_EVERY_MS = 8_000;
const FIRST_PAUSE_MS = 1_000;
/** For all of an installation, so that it is noticed soon when GitHub is back; and for one report, so that one that always fails holds no other up. */
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_WAIT_MS = 5 * 60_000;

/** What waits to be written through one installation. One at a time, so that a slow installation holds no other one up. */
export class ReportQueue {
  readonly #waiting = new Map<string, Waiting>();
  #pausedUntilMs = 0;
  #issuesFromMs = 0;
  #failures = 0;
  #limit: string | undefined;
  /** Whether somebody works on it. */
  isRunning = false;

  get size(): number {
    return this.#waiting.size;
  }

  /** Why reports wait for GitHub; undefined when none does. */
  get failure(): string | undefined {
    return this.#limit ?? [...this.#waiting.values()].find(({ failure }) => failure !== undefined)?.failure;
  }

  /** Puts a job in, or brings it forward. Changes that come while it waits are written together. */
  add(job: ReportJob, dueMs: number): void {
    const key = keyOf(job);
    const known = this.#waiting.get(key);
    if (known === undefined) this.#waiting.set(key, { job, dueMs, failures: 0, failure: undefined });
    else known.dueMs = Math.min(known.dueMs, dueMs);
  }

  remove(job: ReportJob): void {
    this.#waiting.delete(keyOf(job));
  }

  /** Not before this time. */
  putOff(job: ReportJob, dueMs: number): void {
    const known = this.#waiting.get(keyOf(job));
    if (known !== undefined) known.dueMs = dueMs;
  }

  /** Whether a job is due. */
  isDue(nowMs: number): boolean {
    return this.next(nowMs, () => true) !== undefined;
  }

  /** The first job that is due and may be written, which is asked of one after the other; undefined when there is none, or all must wait. */
  next(nowMs: number, mayWrite: (job: ReportJob) => boolean): ReportJob | undefined {
    if (nowMs < this.#pausedUntilMs) return undefined;
    for (const { job, dueMs } of this.#waiting.values()) {
      const readyMs = job.kind === 'issue' ? Math.max(dueMs, this.#issuesFromMs) : dueMs;
      if (readyMs <= nowMs && mayWrite(job)) return job;
    }
    return undefined;
  }

  pauseUntil(untilMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
  }

  /** GitHub gave nothing: the waits grow with each time, for this report up to five minutes. */
  failed(job: ReportJob, detail: string, nowMs: number): void {
    this.pauseUntil(nowMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures));
    this.#failures += 1;
    const known = this.#waiting.get(keyOf(job));
    if (known === undefined) return;
    known.dueMs = nowMs + Math.min(LONGEST_WAIT_MS, FIRST_PAUSE_MS * 2 ** known.failures);
    known.failures += 1;
    known.failure = detail;
  }

  /** GitHub asks to wait: that is no failure, but to be seen. */
  limited(detail: string, untilMs: number): void {
    this.#limit = detail;
    this.pauseUntil(untilMs);
  }

  worked(): void {
    this.#failures = 0;
    this.#limit = undefined;
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
