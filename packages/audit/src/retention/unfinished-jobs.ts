import {
  foldJob,
  isJobEnded,
  type Job,
  type JobFact,
  jobAdvancedSchema,
  jobChangedSchema,
  jobCreatedSchema,
  jobEndedSchema,
  jobListedSchema,
  jobPlannedSchema,
  parseFactSubject,
  streamNames,
  subjects,
} from '@waybill/contracts';
import { type Bus, type Incoming, scanStream } from '@waybill/transport';

/** What a job that has not ended still reads. */
export interface JobHold {
  readonly what: string;
  /** Everything from then on, ms since 1970. */
  readonly sinceMs: number;
  /** And in a stream everything from a sequence on. */
  readonly fromSeq: ReadonlyMap<string, number>;
}

/** The jobs of a region that have not ended, with what they still read. Throws when the LOG cannot be read. */
export async function unfinishedJobs(bus: Bus, region: string): Promise<JobHold[]> {
  const { log } = streamNames(region);
  const jobs = new Map<string, Job>();
  await scanStream(bus, { stream: log, subjects: subjects.jobFacts(region) }, (message) => {
    const told = readJobFact(message);
    if (told === undefined) return;
    const job = foldJob(jobs.get(told.fact.jobId), told);
    if (job !== undefined) jobs.set(job.id, job);
  });
  const unfinished = [...jobs.values()].filter((job) => !isJobEnded(job));
  return Promise.all(unfinished.map((job) => holdOf(bus, log, job)));
}

function readJobFact({ subject, body }: Incoming): JobFact | undefined {
  const type = parseFactSubject(subject)?.type;
  const fact: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
  switch (type) {
    case 'job.created':
      return { type, fact: jobCreatedSchema.parse(fact) };
    case 'job.planned':
      return { type, fact: jobPlannedSchema.parse(fact) };
    case 'job.changed':
      return { type, fact: jobChangedSchema.parse(fact) };
    case 'job.advanced':
      return { type, fact: jobAdvancedSchema.parse(fact) };
    case 'job.ended':
      return { type, fact: jobEndedSchema.parse(fact) };
    default:
      return undefined;
  }
}

async function holdOf(bus: Bus, log: string, { id, state, spec, lists, plan, createdAt }: Job): Promise<JobHold> {
  const fromSeq = new Map<string, number>();
  const note = (stream: string, seq: number): void => void fromSeq.set(stream, Math.min(fromSeq.get(stream) ?? seq, seq));
  for (const { stream, fromSeq: seq } of plan?.stretches ?? []) note(stream, seq);
  for (const seq of lists) {
    note(log, seq);
    const message = await bus.jsm.direct.getMessage(log, { seq });
    const { data } = jobListedSchema.safeParse(message?.json());
    const positions = (data?.items ?? []).flatMap(({ event, plan: planned }) => (planned === undefined ? [event] : [event, planned]));
    for (const at of positions) note(at.stream, at.seq);
  }
  const beganMs = Date.parse(createdAt);
  const sinceMs = spec.kind === 'replay' ? Math.min(beganMs, Date.parse(spec.from)) : beganMs;
  return { what: `job ${id} is ${state}`, sinceMs, fromSeq };
}
