import { type Job, type JobId, type JobSpec, WaybillError } from '@waybill/contracts';
import { jobsOverlap, worksOn } from '../../domain/jobs/overlap.ts';
import type { AppendFact } from '../append-fact.ts';
import type { OneAtATime } from '../commands/one-at-a-time.ts';
import type { JobIndex } from './job-index.ts';
import { jobView, type JobView } from './job-view.ts';

/** What every command on jobs needs. */
export interface JobPorts {
  /** This region: the jobs are its own. */
  readonly region: string;
  readonly index: JobIndex;
  /** Whether the index was filled once. */
  readonly isLoaded: () => boolean;
  /** Resolves when the index holds all that was stored before the call. Throws WB_NATS_AWAY. */
  readonly catchUp: () => Promise<void>;
  readonly append: AppendFact;
  readonly inTurn: OneAtATime;
  readonly newId: (nowMs: number) => JobId;
  /** Makes a command's Msg-Id unlike that of any other. */
  readonly newMark: () => string;
  readonly nowMs: () => number;
}

/** A job as it stands. */
export const viewOf = ({ index }: Pick<JobPorts, 'index'>, job: Job): JobView => jobView(job, index.rateOf(job.id));

/** All jobs that are known. Throws WB_NATS_AWAY when none could be read yet. */
export async function allJobs({ index, isLoaded, catchUp }: JobPorts): Promise<Job[]> {
  if (!isLoaded()) await catchUp();
  return index.all();
}

/** Finds a job, also one that was made a moment ago. Throws WB_JOB_UNKNOWN, WB_NATS_AWAY. */
export async function requireJob({ index, catchUp, region }: Pick<JobPorts, 'index' | 'catchUp' | 'region'>, id: string): Promise<Job> {
  if (index.find(id) === undefined) await catchUp();
  const job = index.find(id);
  if (job === undefined) throw new WaybillError('WB_JOB_UNKNOWN', `${region} has no job ${id}`);
  return job;
}

/** Throws WB_JOB_OVERLAP with `jobId` while a job that has not ended could work on the same. */
export async function refuseOverlap({ index, catchUp }: JobPorts, spec: JobSpec): Promise<void> {
  await catchUp();
  refuse(index.all().find((job) => job.endedAt === undefined && jobsOverlap(job.spec, spec)));
}

/** The same for dead letters that were looked up. */
export async function refuseWorkedOn({ index, catchUp }: JobPorts, deadLetters: readonly Parameters<typeof worksOn>[1][]): Promise<void> {
  await catchUp();
  refuse(index.all().find((job) => job.endedAt === undefined && deadLetters.some((one) => worksOn(job.spec, one))));
}

function refuse(other: Job | undefined): void {
  if (other === undefined) return;
  const detail = `job ${other.id} is ${other.state} and could work on the same`;
  throw new WaybillError('WB_JOB_OVERLAP', detail, { extra: { jobId: other.id, state: other.state } });
}
