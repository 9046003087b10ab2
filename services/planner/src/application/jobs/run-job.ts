import { type Job, type JobEnded, type JobPlanned, MOST_ITEMS, type PlanHead } from '@waybill/contracts';
import { JobCount } from '../../domain/jobs/count-job.ts';
import { type Decision, NOTHING, remainderOf } from '../../domain/jobs/decision.ts';
import { type Pace, refill, spend, waitMs } from '../../domain/jobs/pace.ts';
import { inSlices } from '../in-slices.ts';
import { type JobWatch, NO_JOB_WATCH, type WatchJob } from '../planning-watch.ts';
import { appendItem, type AppendItemPorts, type ItemToAppend } from './append-item.ts';
import type { JobStreams } from './job-streams.ts';
import type { Jobs } from './job-ledger.ts';
import { JobProgress, tellJob, type TellPorts } from './job-progress.ts';
import { JobCannotGoOn, kindOf, walkItems, type WalkedItem, type WalkPorts } from './walk-items.ts';

export interface RunJobPorts extends WalkPorts, AppendItemPorts, TellPorts {
  readonly jobs: Jobs;
  readonly streams: JobStreams;
  /** False while this region may not work: then jobs wait. */
  readonly mayRun: () => boolean;
  /** Resolves when the registry was read up to its present end; rejects when that takes long. */
  readonly registryCaughtUp: () => Promise<void>;
  readonly watchJob?: WatchJob | undefined;
  /** 0: until what is waiting had its turn, so that a job does not starve the planning of what comes in. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** How long a job that is planned waits for its start. */
export const EXPIRES_MS = 24 * 3_600_000;
/** Items under way at once; at a low rate fewer, for what was decided must not grow old. */
const AT_ONCE = 32;
/** A pause or an end is heeded within this time, and that of following the facts. */
const LOOK_EVERY_MS = 200;

/**
 * Runs one job as far as it may go now: counts it, appends its plans at its rate, tells its progress, ends it. A run that fails is begun anew, and so is
 * one whose process died: what its plans in the LOG say since the progress was told last is not planned again.
 */
export class JobRun {
  readonly #ports: RunJobPorts;
  readonly #jobId: string;
  #pace: Pace;
  /** Items whose publish failed with an unknown outcome: repeated as they were, for another decision might have them made in two regions. */
  readonly #uncertain = new Map<string, Decision>();
  #isStopped = false;
  #watch: JobWatch = NO_JOB_WATCH;

  constructor(ports: RunJobPorts, jobId: string) {
    this.#ports = ports;
    this.#jobId = jobId;
    this.#pace = { tokens: 1, atMs: ports.tickMs() };
  }

  /** Makes `run` resolve soon. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when nothing can be done now: it ended, was paused, waits for its start or its region. Rejects when something is away. */
  async run(): Promise<void> {
    await this.#ports.jobs.catchUp();
    await this.#ports.registryCaughtUp();
    try {
      if (this.#mayWork('planning')) await this.#plan();
      if (this.#mayWork('running')) await this.#work();
      if (this.#isIn('cancelling')) await this.#endEarly('cancelled');
      if (this.#isIn('planned') && isExpired(this.#job, this.#ports.nowMs())) await this.#endEarly('expired');
    } catch (error) {
      if (!(error instanceof JobCannotGoOn)) throw error;
      await this.#endEarly('failed', error.message);
    }
  }

  get #job(): Job {
    const known = this.#ports.jobs.get(this.#jobId);
    if (known === undefined) throw new Error(`the job ${this.#jobId} is not known`);
    return known.job;
  }

  #isIn(state: Job['state']): boolean {
    return !this.#isStopped && this.#job.state === state;
  }

  #mayWork(state: 'planning' | 'running'): boolean {
    return this.#isIn(state) && this.#ports.mayRun();
  }

  /** Nothing is told of it before it is whole: whoever died in it begins anew. */
  async #plan(): Promise<void> {
    const job = this.#job;
    const { streams, jobs, nowMs } = this.#ports;
    const { spec } = job;
    const stretches =
      spec.kind === 'replay' ? await streams.stretches(kindOf(spec), { fromMs: Date.parse(spec.from), toMs: Date.parse(spec.to) }) : [];
    const count = new JobCount();
    for await (const page of walkItems(this.#ports, job, { stretches, after: undefined })) {
      await inSlices(page, AT_ONCE, async ({ decide }) => count.add(await decide('count')));
      if (!this.#mayWork('planning')) return;
      if (count.deliveries > MOST_ITEMS) throw new JobCannotGoOn(`it would be more than ${MOST_ITEMS} deliveries; make it smaller`);
      await this.#ports.sleep(0);
    }
    const fact: JobPlanned = { v: 1, jobId: job.id, ...count.result(), stretches, at: new Date(nowMs()).toISOString() };
    await tellJob(this.#ports, 'job.planned', fact);
    await jobs.catchUp();
  }

  async #work(): Promise<void> {
    const { id, kind, place, plan } = this.#job;
    const progress = new JobProgress(this.#ports, this.#job);
    this.#watch = this.#ports.watchJob?.({ id, kind, goesOn: place !== undefined, deliveries: plan?.deliveries ?? 0 }) ?? NO_JOB_WATCH;
    const isWhole = await this.#planItems(progress);
    if (isWhole) await progress.end('done');
    else await progress.tell();
    this.#watch.over({ outcome: isWhole ? 'done' : 'left', deliveries: progress.done });
    if (isWhole) await this.#ports.jobs.catchUp();
  }

  /** Resolves false when the job may not go on meanwhile. */
  async #planItems(progress: JobProgress): Promise<boolean> {
    const planned = await this.#plannedBefore();
    const from = { stretches: this.#job.plan?.stretches ?? [], after: progress.place };
    for await (const page of walkItems(this.#ports, this.#job, from)) {
      for (let at = 0; at < page.length;) {
        if (!this.#mayWork('running')) return false;
        const slice = page.slice(at, at + this.#width());
        at += await this.#planSlice(slice, planned, progress);
        await progress.tellIfDue();
        await this.#ports.sleep(0);
      }
    }
    return this.#mayWork('running');
  }

  /** Ends it before it is done. What was planned since it was last told is counted. */
  async #endEarly(how: JobEnded['how'], detail?: string): Promise<void> {
    const { jobs } = this.#ports;
    await jobs.catchUp();
    const progress = new JobProgress(this.#ports, this.#job);
    for (const heads of (await this.#plannedBefore()).values()) progress.add(remainderOf(NOTHING, heads));
    await progress.end(how, detail);
    await jobs.catchUp();
  }

  /** Read anew in each run, so that it also tells what became of publishes that were not answered. */
  async #plannedBefore(): Promise<ReadonlyMap<string, readonly PlanHead[]>> {
    const { jobs, streams } = this.#ports;
    const known = jobs.get(this.#jobId);
    const plans = known === undefined ? [] : await streams.plannedSince(known);
    const items = new Map<string, PlanHead[]>();
    for (const { itemId, head } of plans) items.set(itemId, [...(items.get(itemId) ?? []), head]);
    return items;
  }

  #width(): number {
    return Math.max(1, Math.min(AT_ONCE, Math.floor(this.#job.ratePerSecond / 4)));
  }

  /** Plans a few items at once; resolves with how many, fewer than asked when it was stopped meanwhile. */
  async #planSlice(
    slice: readonly WalkedItem[],
    planned: ReadonlyMap<string, readonly PlanHead[]>,
    progress: JobProgress,
  ): Promise<number> {
    const decisions = await Promise.all(slice.map(async ({ itemId, decide }) => this.#uncertain.get(itemId) ?? decide('plan')));
    const appending: Promise<void>[] = [];
    let count = 0;
    for (const [index, item] of slice.entries()) {
      const decision = decisions[index];
      if (decision === undefined) break;
      const before = planned.get(item.itemId) ?? [];
      const { missing, isOpen, done, skipped } = remainderOf(decision, before);
      if (isOpen && !(await this.#isGiven(Math.max(1, missing.length)))) break;
      if (isOpen) {
        const append = this.#append(item.itemId, decision, { missing, before: before.length });
        // It is asked how it went when the slice is over.
        append.catch(() => undefined);
        appending.push(append);
      }
      progress.add({ place: item.place, done, skipped });
      count += 1;
    }
    const failed = (await Promise.allSettled(appending)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return count;
  }

  async #append(itemId: string, decision: Decision, rest: Pick<ItemToAppend, 'missing' | 'before'>): Promise<void> {
    const { event } = decision;
    if (event === undefined) return;
    try {
      await appendItem(this.#ports, { job: this.#job, itemId, event, watch: this.#watch, ...rest });
      this.#uncertain.delete(itemId);
    } catch (error) {
      this.#uncertain.set(itemId, decision);
      throw error;
    }
  }

  /** Waits for its turn by the rate; false when the job may not go on meanwhile. */
  async #isGiven(count: number): Promise<boolean> {
    while (this.#mayWork('running')) {
      const { ratePerSecond } = this.#job;
      this.#pace = refill(this.#pace, ratePerSecond, this.#ports.tickMs());
      const ms = waitMs(this.#pace, ratePerSecond, count);
      if (ms === 0) {
        this.#pace = spend(this.#pace, count);
        return true;
      }
      await this.#ports.sleep(Math.min(ms, LOOK_EVERY_MS));
    }
    return false;
  }
}

/** Whether nobody started a planned job in time. */
export const isExpired = ({ state, plan }: Job, nowMs: number): boolean =>
  state === 'planned' && plan !== undefined && nowMs - Date.parse(plan.at) >= EXPIRES_MS;
