import type { ByWhom } from '../facts/dead-letters.ts';
import type { JobId } from '../ids.ts';
import { parseFactSubject } from '../subjects.ts';
import {
  type JobAdvanced,
  jobAdvancedSchema,
  type JobChange,
  type JobChanged,
  jobChangedSchema,
  type JobCreated,
  jobCreatedSchema,
  type JobEnded,
  jobEndedSchema,
  type JobKind,
  type JobPlace,
  type JobPlanned,
  jobPlannedSchema,
  type JobSpec,
} from './facts.ts';

/** `cancelling`: an operator ended it, and the planner has not said yet how far it got. */
export const JOB_STATES = ['planning', 'planned', 'running', 'paused', 'cancelling', 'done', 'cancelled', 'failed', 'expired'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job as its facts tell it. */
export interface Job {
  readonly id: JobId;
  readonly kind: JobKind;
  readonly region: string;
  readonly state: JobState;
  readonly spec: JobSpec;
  readonly ratePerSecond: number;
  readonly start: boolean;
  readonly lists: readonly number[];
  readonly keyHash: string | undefined;
  readonly by: ByWhom;
  /** Undefined while it is being planned. */
  readonly plan: JobPlanned | undefined;
  readonly place: JobPlace | undefined;
  readonly done: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly detail: string | undefined;
  readonly createdAt: string;
  readonly startedAt: string | undefined;
  readonly updatedAt: string;
  readonly endedAt: string | undefined;
}

export type JobFact =
  | { readonly type: 'job.created'; readonly fact: JobCreated }
  | { readonly type: 'job.planned'; readonly fact: JobPlanned }
  | { readonly type: 'job.changed'; readonly fact: JobChanged }
  | { readonly type: 'job.advanced'; readonly fact: JobAdvanced }
  | { readonly type: 'job.ended'; readonly fact: JobEnded };

/** Reads a message of `subjects.jobFacts`; undefined for any other subject. Throws for a body that is not such a fact. */
export function readJobFact(subject: string, body: Uint8Array): JobFact | undefined {
  const type = parseFactSubject(subject)?.type;
  const parsed = (): unknown => JSON.parse(Buffer.from(body).toString('utf8'));
  switch (type) {
    case 'job.created':
      return { type, fact: jobCreatedSchema.parse(parsed()) };
    case 'job.planned':
      return { type, fact: jobPlannedSchema.parse(parsed()) };
    case 'job.changed':
      return { type, fact: jobChangedSchema.parse(parsed()) };
    case 'job.advanced':
      return { type, fact: jobAdvancedSchema.parse(parsed()) };
    case 'job.ended':
      return { type, fact: jobEndedSchema.parse(parsed()) };
    default:
      return undefined;
  }
}

const ENDED: ReadonlySet<JobState> = new Set(['done', 'cancelled', 'failed', 'expired']);
export const isJobEnded = ({ state }: Pick<Job, 'state'>): boolean => ENDED.has(state);

/** In which states a command may be given. */
const ALLOWED: Readonly<Record<JobChange, readonly JobState[]>> = {
  start: ['planned'],
  pause: ['running'],
  resume: ['paused'],
  cancel: ['planning', 'planned', 'running', 'paused'],
  rate: ['planning', 'planned', 'running', 'paused'],
};
export const mayChangeJob = (state: JobState, change: JobChange): boolean => ALLOWED[change].includes(state);

/** The job after a fact. Undefined for a fact about a job that was not created; one that comes too late, or again, changes nothing. */
export function foldJob(job: Job | undefined, { type, fact }: JobFact): Job | undefined {
  if (type === 'job.created') return job ?? created(fact);
  if (job === undefined || isJobEnded(job)) return job;
  const updatedAt = fact.at;
  switch (type) {
    case 'job.planned': {
      if (job.plan !== undefined) return job;
      const starts = job.start && job.state === 'planning';
      const state = job.state === 'planning' ? (starts ? 'running' : 'planned') : job.state;
      return { ...job, plan: fact, state, updatedAt, startedAt: starts ? fact.at : job.startedAt };
    }
    case 'job.changed':
      return changed(job, fact);
    case 'job.advanced':
      return { ...job, place: fact.place, done: fact.done, skipped: fact.skipped, updatedAt };
    default:
      return { ...job, state: fact.how, done: fact.done, skipped: fact.skipped, detail: fact.detail, updatedAt, endedAt: fact.at };
  }
}

function created(fact: JobCreated): Job {
  const { jobId: id, region, spec, ratePerSecond, start, lists, keyHash, by, at } = fact;
  const nothing = { plan: undefined, place: undefined, detail: undefined, startedAt: undefined, endedAt: undefined };
  const of = { id, kind: spec.kind, region, spec, ratePerSecond, start, lists, keyHash, by };
  return { ...of, ...nothing, state: 'planning', done: 0, skipped: {}, createdAt: at, updatedAt: at };
}

function changed(job: Job, { change, ratePerSecond = job.ratePerSecond, at }: JobChanged): Job {
  if (!mayChangeJob(job.state, change)) return job;
  const next = { ...job, ratePerSecond, updatedAt: at };
  switch (change) {
    case 'start':
      return { ...next, state: 'running', startedAt: at };
    case 'pause':
      return { ...next, state: 'paused' };
    case 'resume':
      return { ...next, state: 'running' };
    case 'cancel':
      return { ...next, state: 'cancelling' };
    default:
      return next;
  }
}
