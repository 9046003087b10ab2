import type { DispatchTarget } from '@waybill/contracts';
import type { GithubReads } from '@waybill/dispatching';
import type { DispatchAnswer, HookDelivery, ListedRun } from './answers.ts';

/** Through which installation, and in which repository. */
export interface InRepository {
  readonly installationId: string;
  readonly owner: string;
  readonly repo: string;
}

export interface CheckRun {
  readonly name: string;
  readonly headSha: string;
  readonly externalId: string;
  readonly status: 'in_progress' | 'completed';
  readonly conclusion?: 'success' | 'neutral' | 'failure' | 'action_required' | undefined;
  readonly detailsUrl?: string | undefined;
  readonly title: string;
  /** Markdown, at most 65,535 characters. */
  readonly summary: string;
}

export interface Issue {
  readonly title: string;
  readonly body: string;
}

/**
 * What Waybill asks of GitHub as an App. Every call that gets no usable answer rejects with WB_GITHUB_AWAY, or WB_GITHUB_LIMITED with
 * `extra.retryAfterMs`; a permission that is missing or a thing that is not there rejects with a GithubRefused. No call repeats itself.
 */
export interface GithubApp extends GithubReads {
  readonly host: string;
  /** Login of what the App does: `<slug>[bot]`; asked of GitHub once when it is not configured. */
  botLogin(): Promise<string>;
  /** Never rejects. */
  dispatch(target: DispatchTarget, signal: AbortSignal): Promise<DispatchAnswer>;
  /** Runs of a workflow that a dispatch on `ref` started since `sinceMs`, newest first. */
  runsOf(target: Pick<DispatchTarget, 'installationId' | 'owner' | 'repo' | 'workflow' | 'ref'>, sinceMs: number): Promise<ListedRun[]>;
  findCheckRun(place: InRepository, headSha: string, externalId: string): Promise<string | undefined>;
  createCheckRun(place: InRepository, check: CheckRun): Promise<string>;
  updateCheckRun(place: InRepository, id: string, check: CheckRun): Promise<void>;
  /** The open issue of the App whose body holds `marker`. */
  findIssue(place: InRepository, marker: string): Promise<number | undefined>;
  createIssue(place: InRepository, issue: Issue): Promise<number>;
  updateIssue(place: InRepository, number: number, issue: Issue & { readonly state?: 'open' | 'closed' }): Promise<void>;
  /** One page of the App's delivery list, newest first; `next` is its cursor. */
  hookDeliveries(cursor?: string): Promise<{ readonly deliveries: readonly HookDelivery[]; readonly next: string | undefined }>;
  redeliver(deliveryId: string): Promise<void>;
  close(): Promise<void>;
}

/** GitHub understood and will not: the same call would get the same answer. */
export class GithubRefused extends Error {
  override readonly name = 'GithubRefused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
