import { type Job, JOB_STATES, type JobChange, type JobChanged, jobRateSchema, mayChangeJob, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { byWhom, type Caller, reasonSchema } from '../by-whom.ts';
import { parseWith } from '../parse-with.ts';
import { type JobPorts, requireJob, viewOf } from './job-ports.ts';
import type { JobView } from './job-view.ts';

/** The body of `POST /v1/jobs/{id}/{start,pause,resume,cancel}`; it may be left out. */
export const jobChangeSchema = z
  .strictObject({ reason: reasonSchema.optional(), ratePerSecond: jobRateSchema.optional() })
  .meta({ id: 'JobChange' });

/** The body of `POST /v1/jobs/{id}/rate`. */
export const jobRateBodySchema = z.strictObject({ reason: reasonSchema.optional(), ratePerSecond: jobRateSchema }).meta({ id: 'JobRate' });

export interface JobCommand {
  readonly id: string;
  readonly change: JobChange;
  readonly body: unknown;
  readonly caller: Caller;
}

/** Tells a job what to do. Throws WB_JOB_UNKNOWN, WB_JOB_STATE, WB_SCHEMA_VIOLATION, WB_NATS_AWAY. */
export function changeJob(ports: JobPorts, { id, change, body, caller }: JobCommand): Promise<JobView> {
  return ports.inTurn.run(id, async () => {
    const { reason, ratePerSecond } = parseWith(change === 'rate' ? jobRateBodySchema : jobChangeSchema, body);
    await ports.catchUp();
    const job = await requireJob(ports, id);
    if (!mayChangeJob(job.state, change)) throw notNow(job, change);
    const at = new Date(ports.nowMs()).toISOString();
    const fact: JobChanged = { v: 1, jobId: job.id, change, ratePerSecond, by: byWhom(caller, reason), at };
    await ports.append({ type: 'job.changed', scope: 'l', msgId: `job:${id}:${change}:${ports.newMark()}`, body: fact });
    ports.index.note({ type: 'job.changed', fact });
    return viewOf(ports, ports.index.find(id) ?? job);
  });
}

function notNow({ id, state }: Job, change: JobChange): WaybillError {
  const allowed = JOB_STATES.filter((one) => mayChangeJob(one, change)).join(', ');
  return new WaybillError('WB_JOB_STATE', `job ${id} is ${state}; ${change} is for one that is ${allowed}`, { extra: { state } });
}
