import type { ByWhom, JobCreated, JobId, JobSpec } from '@waybill/contracts';
import { DEFAULT_JOB_RATE, WaybillError } from '@waybill/contracts';
import { type JobPorts, viewOf } from './job-ports.ts';
import type { JobView } from './job-view.ts';

/** A job that is to be. */
export interface NewJob {
  readonly id: JobId;
  readonly spec: JobSpec;
  readonly ratePerSecond: number | undefined;
  readonly start: boolean;
  /** Sequences of what it works on; none for a replay. */
  readonly lists: readonly number[];
  readonly keyHash?: string | undefined;
  readonly by: ByWhom;
}

/** Appends `job.created`: from here on there is the job, and the planner counts what it will do. Throws WB_NATS_AWAY, WB_LOG_FULL. */
export async function createJob(ports: JobPorts, wanted: NewJob): Promise<JobView> {
  const { id: jobId, spec, ratePerSecond = DEFAULT_JOB_RATE, start, lists, keyHash, by } = wanted;
  const at = new Date(ports.nowMs()).toISOString();
  const key = keyHash === undefined ? {} : { keyHash };
  const fact: JobCreated = { v: 1, jobId, region: ports.region, spec, ratePerSecond, start, lists: [...lists], ...key, by, at };
  await ports.append({ type: 'job.created', scope: 'l', msgId: `job:${jobId}:created`, body: fact });
  ports.index.note({ type: 'job.created', fact });
  const job = ports.index.find(jobId);
  if (job === undefined) throw new WaybillError('WB_INTERNAL', `job ${jobId} was stored and is not known`);
  return viewOf(ports, job);
}
