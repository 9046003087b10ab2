import type { DispatchReported, Scope } from '@waybill/contracts';
import type { GithubApp } from '@waybill/github';
import type { Decided } from '../../domain/report/story.ts';

/** The answer of the lane that an installation's writes share with its dispatches, which go first. `later`: come back at `dueMs`. */
export type Turn =
  | { readonly kind: 'go'; readonly leave: () => void }
  | { readonly kind: 'later'; readonly dueMs: number }
  | { readonly kind: 'stopped' };

export type AppOfReports = Pick<
  GithubApp,
  'repository' | 'findCheckRun' | 'createCheckRun' | 'updateCheckRun' | 'findIssue' | 'createIssue' | 'updateIssue'
>;

export interface ReportPorts {
  readonly region: string;
  readonly app: AppOfReports;
  readonly createChecks: boolean;
  readonly createIssues: boolean;
  /** Asks for the turn of one write through the installation of this owner. */
  readonly enter: (owner: string) => Promise<Turn>;
  /** Whether it is this region's turn to write into the source now: routing and the region's own permission. */
  readonly writesHere: (decided: Decided) => boolean;
  /**
   * Says for about a minute that what `name` stands for is being made; false when that was said before. Of several processes of a region that would each
   * make a check run or an issue at the same moment, so one does. Rejects only when the process stops.
   */
  readonly claim: (decided: Decided, name: string) => Promise<boolean>;
  /** Repeated until NATS has it; rejects only when the process stops. */
  readonly appendReported: (fact: DispatchReported, scope: Scope) => Promise<void>;
  /** Told once when reports begin to wait for GitHub, and with undefined when they go on; and of each report that GitHub refused. */
  readonly onWaiting: (detail: string | undefined) => void;
  readonly onRefused: (decided: Decided, detail: string) => void;
  /** Time between two writes of issues through one installation; default 8 s. */
  readonly issueEveryMs?: number | undefined;
  readonly nowMs: () => number;
}
