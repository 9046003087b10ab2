import type { JobChange, JobKind, JobSpec, JobState } from '@waybill/contracts';
import { queryOptions } from '@tanstack/react-query';
import { get, pathOf } from '../../api/client.ts';

type Counts = Readonly<Record<string, number>>;

/** A job as `GET /v1/jobs/{id}` shows it. */
export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  /** The only region that knows it. */
  readonly region: string;
  readonly state: JobState;
  readonly spec: JobSpec;
  readonly ratePerSecond: number;
  /** What it will send; null while that is counted. */
  readonly plan: {
    readonly deliveries: number;
    readonly events: number;
    readonly endpoints: readonly { readonly tenantId: string; readonly endpointId: string; readonly count: number }[];
    readonly endpointCount: number;
    readonly skipped: Counts;
  } | null;
  readonly progress: {
    readonly done: number;
    readonly skipped: Counts;
    readonly total: number;
    readonly percent: number;
    readonly ratePerSecond: number;
    readonly etaSeconds?: number;
  };
  readonly by: { readonly actor: string; readonly reason: string };
  readonly detail?: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly updatedAt: string;
  readonly endedAt: string | null;
}

/** The pace is measured where the job is shown, and told by no fact: while it is under way it is asked for. */
const PACE_MS = 2_000;
const UNDER_WAY: ReadonlySet<JobState> = new Set(['planning', 'running', 'cancelling']);

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ['jobs', 'one', id],
    queryFn: ({ signal }) => get<Job>(`/v1/jobs/${encodeURIComponent(id)}`, signal),
    refetchInterval: ({ state: { data } }) => (data !== undefined && UNDER_WAY.has(data.state) ? PACE_MS : false),
  });

/** How what a job made stands, by state. */
export type Ends = Readonly<Record<'planned' | 'retrying' | 'delivered' | 'dead_lettered' | 'denied' | 'superseded', number>>;

export const endsQuery = (id: string) =>
  queryOptions({
    queryKey: ['stats', 'job', id],
    queryFn: async ({ signal }) =>
      (await get<{ readonly deliveries: Ends }>(pathOf('/v1/stats/totals', { scope: 'job', id }), signal)).deliveries,
  });

/** Commands that a job takes in a state, the likeliest first. A spec holds them against the rules of the contracts. */
export const COMMANDS: Readonly<Record<JobState, readonly JobChange[]>> = {
  planning: ['cancel', 'rate'],
  planned: ['start', 'cancel', 'rate'],
  running: ['pause', 'cancel', 'rate'],
  paused: ['resume', 'cancel', 'rate'],
  cancelling: [],
  done: [],
  cancelled: [],
  failed: [],
  expired: [],
};

/** What the state of a job means for whoever waits for it. */
export const STATE_WORDS: Readonly<Record<JobState, string>> = {
  planning: 'It is being counted: how many, and where they go. Nothing is sent yet.',
  planned: 'It is counted, and waits for you to start it. After a day without that it expires.',
  running: 'It is under way. It goes on by itself after any restart.',
  paused: 'It waits. What it planned before is delivered.',
  cancelling: 'It is being ended: nothing more is planned.',
  done: 'Everything is planned; deliveries show how each of them ended.',
  cancelled: 'It was ended. What it had planned was delivered, or still is.',
  failed: 'It could not go on.',
  expired: 'Nobody started it for a day. Make it anew.',
};
