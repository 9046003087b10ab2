import type { EventId } from '@waybill/contracts';
import {
  checkDigestOf,
  hasCheck,
  issueDigestOf,
  phaseOf,
  splitDigest,
  targetsOf,
  workflowKeyOf,
  writtenPhase,
} from '../../domain/report/outcome.ts';
import type { DispatchFact } from '../../domain/report/story.ts';
import { type Finished, whatIsReported } from './reported-fact.ts';
import { ISSUE_EVERY_MS, type ReportJob, ReportQueue } from './report-queue.ts';
import type { ReportPorts } from './report-ports.ts';
import { type DecidedStory, Stories } from './stories.ts';
import { type Written, writeCheck, writeIssue } from './write-report.ts';

/** Changes that come within this time are written together. */
const DEBOUNCE_MS = 1_000;
/** How the started runs end is shown when all have ended; while they end one by one, this often. */
const PROGRESS_MS = 60_000;
/** An issue about a run whose other targets have no end yet can wait for them for a while. */
const OPEN_ISSUE_MS = 30_000;
/** How often it is asked anew whose turn it is to write a report that another region owes. */
const ELSEWHERE_MS = 2_000;
/** How long it is left to another process of the region that is making it. */
const MADE_ELSEWHERE_MS = 5_000;
const MAX_CLAIMED = 10_000;
/** A claim is known for a minute: one that took so long, because NATS was away, may have been made after another process's, which made the thing. */
const SLOW_CLAIM_MS = 20_000;
/** Stories looked at in one go, so that a start with many does not stop everything else. */
const MAX_LOOKED_AT = 200;

/**
 * Tells people on GitHub what became of their runs: one check run per source run, and one open issue per source workflow when something was not started.
 * What was written is a fact, so whoever continues, after a restart or in another region, writes only what is new. A write whose fact is missing is done
 * again, to the same check run and the same issue.
 */
export class Reporter {
  readonly #ports: ReportPorts;
  readonly #changed = new Set<EventId>();
  readonly #stories = new Stories((eventId) => this.#changed.delete(eventId));
  readonly #queues = new Map<string, ReportQueue>();
  readonly #running = new Set<Promise<void>>();
  readonly #claimed = new Set<string>();
  #isWaiting = false;

  constructor(ports: ReportPorts) {
    this.#ports = ports;
  }

  /** Reports that are not written yet, those of other regions too, and why some wait for GitHub; undefined when none does. */
  get pending(): { readonly count: number; readonly failure: string | undefined } {
    const queues = [...this.#queues.values()];
    return {
      count: queues.reduce((sum, { size }) => sum + size, 0),
      failure: queues.find(({ failure }) => failure !== undefined)?.failure,
    };
  }

  /** Takes in a fact of any region. Nothing is written before `poke`. */
  apply(told: DispatchFact): void {
    const { eventId } = this.#stories.apply(told);
    this.#changed.add(eventId);
  }

  /** Finds out what is to be written, and begins with what is due. Call it a few times per second, once all facts of the past are in. */
  poke(): void {
    const looked = [...this.#changed].slice(0, MAX_LOOKED_AT);
    for (const eventId of looked) {
      this.#changed.delete(eventId);
      const story = this.#stories.of(eventId);
      if (story !== undefined) this.#consider(story);
    }
    const nowMs = this.#ports.nowMs();
    for (const [owner, queue] of this.#queues) {
      if (queue.isForgettable(nowMs)) this.#queues.delete(owner);
      else if (!queue.isRunning && queue.isDue(nowMs)) this.#run(owner, queue);
    }
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #consider(story: DecidedStory): void {
    const { createChecks, createIssues } = this.#ports;
    if (createChecks && hasCheck(story)) this.#considerCheck(story);
    if (createIssues) this.#considerIssue(workflowKeyOf(story.decided));
  }

  #considerCheck(story: DecidedStory): void {
    const job: ReportJob = { kind: 'check', eventId: story.eventId };
    const targets = targetsOf(story);
    const written = splitDigest(story.reported?.digest).check;
    const isNews = writtenPhase(written) !== phaseOf(targets);
    this.#want(story, job, checkDigestOf(story, targets) === written ? undefined : isNews ? DEBOUNCE_MS : PROGRESS_MS);
  }

  #considerIssue(workflow: string): void {
    const story = this.#stories.newestOf(workflow);
    if (story === undefined) return;
    const targets = targetsOf(story);
    const wanted = issueDigestOf(story, targets);
    const isWritten = wanted === undefined || wanted === this.#stories.issueOf(workflow)?.digest;
    const delayMs = phaseOf(targets) === 'open' ? OPEN_ISSUE_MS : DEBOUNCE_MS;
    this.#want(story, { kind: 'issue', workflow }, isWritten ? undefined : delayMs);
  }

  /** `delayMs` undefined: it is not wanted any more. */
  #want({ decided }: DecidedStory, job: ReportJob, delayMs: number | undefined): void {
    const owner = decided.run.owner.toLowerCase();
    const known = this.#queues.get(owner);
    if (delayMs === undefined) {
      known?.remove(job);
      return;
    }
    const queue = known ?? new ReportQueue();
    this.#queues.set(owner, queue);
    queue.add(job, this.#ports.nowMs() + delayMs);
  }

  #run(owner: string, queue: ReportQueue): void {
    queue.isRunning = true;
    const running = this.#workOff(owner, queue).finally(() => {
      queue.isRunning = false;
      this.#running.delete(running);
      this.#tellWaiting();
    });
    this.#running.add(running);
  }

  async #workOff(owner: string, queue: ReportQueue): Promise<void> {
    const { nowMs } = this.#ports;
    const next = (): ReportJob | undefined => queue.next(nowMs(), (job) => this.#mayWrite(queue, job));
    for (let job = next(); job !== undefined; job = next()) {
      const goesOn = await this.#work(owner, queue, job);
      if (!goesOn) return;
    }
  }

  /** Whether the next job may follow. */
  async #work(owner: string, queue: ReportQueue, job: ReportJob): Promise<boolean> {
    const { enter, writesHere, nowMs, issueEveryMs = ISSUE_EVERY_MS } = this.#ports;
    const turn = await enter(owner);
    if (turn.kind === 'later') queue.pauseUntil(turn.dueMs);
    if (turn.kind !== 'go') return false;
    // The wait for the turn may have been long: the newest story is written, and only where its turn is now.
    const story = this.#storyOf(job);
    if (story === undefined || !writesHere(story.decided)) {
      turn.leave();
      queue.putOff(job, nowMs() + ELSEWHERE_MS);
      return true;
    }
    const written = await this.#write(job, story).finally(turn.leave);
    if (written.kind === 'written' || written.kind === 'refused') {
      queue.worked();
      if (written.kind === 'written' && written.issueNumber !== undefined) queue.holdIssues(nowMs() + issueEveryMs);
      return this.#record(queue, job, story, written);
    }
    if (written.kind === 'elsewhere') {
      queue.putOff(job, nowMs() + MADE_ELSEWHERE_MS);
      return true;
    }
    if (written.kind === 'away') queue.failed(job, written.detail, nowMs());
    else queue.limited(written.detail, nowMs() + written.retryAfterMs);
    return false;
  }

  #mayWrite(queue: ReportQueue, job: ReportJob): boolean {
    const { nowMs, writesHere } = this.#ports;
    const story = this.#storyOf(job);
    if (story === undefined) queue.remove(job);
    else if (!writesHere(story.decided)) queue.putOff(job, nowMs() + ELSEWHERE_MS);
    else return true;
    return false;
  }

  #storyOf(job: ReportJob): DecidedStory | undefined {
    return job.kind === 'check' ? this.#stories.of(job.eventId) : this.#stories.newestOf(job.workflow);
  }

  #write(job: ReportJob, story: DecidedStory): Promise<Written> {
    const { app } = this.#ports;
    const mayMake = (): Promise<boolean> => this.#mayMake(job, story);
    return job.kind === 'check' ? writeCheck(app, story, mayMake) : writeIssue(app, story, mayMake);
  }

  /** What this process claimed once it may make however often it takes; what it claimed slowly, when it has looked for it again. */
  async #mayMake({ kind }: ReportJob, { eventId, decided }: DecidedStory): Promise<boolean> {
    const name = `making:${kind}:${eventId}`;
    const { claim, nowMs } = this.#ports;
    if (this.#claimed.has(name)) return true;
    const askedMs = nowMs();
    if (!(await claim(decided, name))) return false;
    if (this.#claimed.size >= MAX_CLAIMED) this.#claimed.clear();
    this.#claimed.add(name);
    return nowMs() - askedMs < SLOW_CLAIM_MS;
  }

  /** Says what is written. One that was refused counts as written, or it would be tried for ever. */
  async #record(queue: ReportQueue, job: ReportJob, story: DecidedStory, finished: Finished): Promise<boolean> {
    const { region, appendReported, onRefused } = this.#ports;
    const { eventId, decided } = story;
    if (finished.kind === 'refused') onRefused(decided, finished.detail);
    const newest = this.#stories.of(eventId)?.reported;
    const at = this.#afterAllKnown(story, newest?.at);
    const said = whatIsReported(job.kind, story, newest, finished);
    const fact = { v: 1, eventId, tenantId: decided.tenantId, region, ...said, at } as const;
    try {
      await appendReported(fact, decided.scope);
    } catch {
      return false;
    }
    queue.remove(job);
    this.apply({ type: 'dispatch.reported', fact });
    return true;
  }

  /** Now; but after what was reported before, by a region whose clock is ahead: it would count as newer, and this be written again and again. */
  #afterAllKnown({ decided }: DecidedStory, reportedAt: string | undefined): string {
    const known = [reportedAt, this.#stories.issueOf(workflowKeyOf(decided))?.at].map((at) => (at === undefined ? 0 : Date.parse(at) + 1));
    return new Date(Math.max(this.#ports.nowMs(), ...known)).toISOString();
  }

  /** One line in the log when it begins, and one when it is over. */
  #tellWaiting(): void {
    const { failure } = this.pending;
    const isWaiting = failure !== undefined;
    if (isWaiting !== this.#isWaiting) this.#ports.onWaiting(failure);
    this.#isWaiting = isWaiting;
  }
}
