import { queryOptions, useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.ts';

/** What a reason means, and what a person can do about it. */
export interface ReasonText {
  readonly meaning: string;
  readonly remedy: string;
}

export const DISPATCH_STATES = ['skipped', 'denied', 'open', 'failed', 'done'] as const;

/** What a finished run led to, as a list shows it. */
export interface Dispatch {
  readonly eventId: string;
  readonly tenantId: string;
  readonly region: string;
  readonly decidedAt: string;
  readonly state: (typeof DISPATCH_STATES)[number];
  /** `owner/name` of the source. */
  readonly repository: string;
  readonly workflow: string;
  readonly run: {
    readonly host: string;
    readonly id: string;
    readonly attempt: number;
    readonly conclusion: string | null;
    readonly event: string;
    readonly branch: string | null;
    readonly sha: string;
    readonly url: string;
  };
  readonly skip: { readonly reason: string; readonly detail: string | null; readonly text?: ReasonText | null } | null;
  readonly warnings: readonly string[];
  readonly counts: {
    readonly targets: number;
    readonly allowed: number;
    readonly denied: number;
    readonly started: number;
    readonly failed: number;
    readonly unknown: number;
    readonly ended: number;
  };
}

export interface StartedRun {
  readonly id: string | null;
  readonly url: string | null;
  readonly conclusion: string | null;
  readonly endedAt: string | null;
}

/** One target of a decision and what became of it. */
export interface Target {
  readonly ordinal: number | null;
  readonly deliveryId: string;
  readonly owner: string;
  readonly repo: string;
  readonly workflow: string;
  readonly ref: string | null;
  readonly rule: string | null;
  readonly verdict: 'allowed' | 'denied' | null;
  readonly state: 'planned' | 'intended' | 'released' | 'unknown' | 'started' | 'failed' | 'denied';
  readonly reason: string | null;
  readonly detail: string | null;
  readonly text: ReasonText | null;
  readonly statedAt: string | null;
  /** The region that says so. */
  readonly statedIn: string | null;
  readonly run: StartedRun | null;
}

/** A `dispatching.yml` as the decision read it. */
export interface DecidedFile {
  readonly repository: string;
  readonly path: string;
  readonly sha?: string | null;
  readonly missing?: boolean | null;
  readonly text: string;
  readonly isCut?: boolean | null;
}

/** A dispatch of the same chain. */
export interface ChainLink {
  readonly eventId: string;
  readonly repository: string;
  readonly workflow: string;
  readonly runId: string;
  readonly depth: number;
  readonly state: string;
}

/** All that is known of what one run led to. */
export interface Story extends Dispatch {
  readonly chain: {
    readonly id: string;
    readonly depth: number;
    readonly parent: ChainLink | null;
    readonly children: readonly ChainLink[];
  };
  readonly complete: boolean;
  readonly report: {
    readonly at: string;
    readonly checkRunId: string | null;
    readonly issueNumber: number | null;
    readonly failed: string | null;
  } | null;
  readonly targets: readonly Target[];
  /** Null for decisions of before files were kept. */
  readonly files: readonly DecidedFile[] | null;
}

/** What one run led to, by the id of its event. */
export const useDispatch = (id: string) =>
  useQuery({
    queryKey: ['dispatches', 'one', id],
    queryFn: ({ signal }) => get<Story>(`/v1/dispatches/${encodeURIComponent(id)}`, signal),
  });

/** How far a region has read GitHub's list of deliveries back. `gapSeconds`: age of the oldest that had not arrived, 0 without one. */
export interface Sweep {
  readonly region: string;
  readonly at: string;
  readonly listed: number;
  readonly redelivered: number;
  readonly gapSeconds: number;
}

/** Dispatches by state, and the newest sweep of each region. */
export const totalsQuery = queryOptions({
  queryKey: ['dispatches', 'totals'],
  queryFn: ({ signal }) =>
    get<{ readonly dispatches: Readonly<Record<string, number>>; readonly sweeps: readonly Sweep[] }>('/v1/stats/dispatches', signal),
});

/** Where GitHub shows things: the origin of the run's own page. */
export const githubOf = ({ run: { url, host } }: Dispatch): string => (URL.canParse(url) ? new URL(url).origin : `https://${host}`);
