import { KEPT_ENTRIES, addBounded } from './bounded.ts';

/** A dispatch that really started a run. */
export interface DispatchEntry {
  readonly owner: string;
  readonly repo: string;
  readonly workflow: string;
  readonly ref: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly installationId: string;
  readonly runId: string;
  readonly atMs: number;
}

/** A request, with the status that was answered; 0 when the connection ended without one. */
export interface CallEntry {
  readonly method: string;
  readonly path: string;
  readonly route: string;
  readonly status: number;
  readonly installationId: string | undefined;
}

export interface CheckRunEntry {
  readonly id: number;
  readonly repository: string;
  readonly repositoryId: number;
  readonly installationId: string;
  readonly name: string;
  readonly headSha: string;
  externalId: string;
  status: string;
  conclusion: string | null;
  detailsUrl: string;
  title: string | null;
  summary: string | null;
  readonly startedAt: string;
  completedAt: string | null;
}

export interface IssueEntry {
  readonly id: number;
  readonly number: number;
  readonly repository: string;
  readonly repositoryId: number;
  readonly installationId: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
  readonly labels: readonly string[];
  readonly comments: { readonly id: number; readonly body: string; readonly createdAt: string }[];
  readonly createdAt: string;
  updatedAt: string;
  closedAt: string | null;
}

/** Side effects at the moment they happen: what a drill compares with what Waybill believes. Keeps the newest 100,000 of each. */
export class Ledger {
  readonly dispatches: DispatchEntry[] = [];
  readonly checkRuns: CheckRunEntry[] = [];
  readonly issues: IssueEntry[] = [];
  readonly calls: CallEntry[] = [];
  private readonly checksBySha = new Map<string, CheckRunEntry[]>();
  private readonly checksById = new Map<number, CheckRunEntry>();
  private readonly issuesOf = new Map<number, IssueEntry[]>();

  dispatched(entry: DispatchEntry): void {
    addBounded(this.dispatches, entry, KEPT_ENTRIES);
  }

  checked(entry: CheckRunEntry): void {
    addBounded(this.checkRuns, entry, KEPT_ENTRIES);
    forgetOldest(this.checksById.set(entry.id, entry));
    const key = `${entry.repositoryId}/${entry.headSha}`;
    forgetOldest(this.checksBySha.set(key, [...this.checksOn(entry.repositoryId, entry.headSha), entry]));
  }

  checkRun(id: number): CheckRunEntry | undefined {
    return this.checksById.get(id);
  }

  /** The check runs on a commit, oldest first. */
  checksOn(repositoryId: number, sha: string): readonly CheckRunEntry[] {
    return this.checksBySha.get(`${repositoryId}/${sha}`) ?? [];
  }

  opened(entry: IssueEntry): void {
    addBounded(this.issues, entry, KEPT_ENTRIES);
    const own = this.issuesOf.get(entry.repositoryId) ?? [];
    this.issuesOf.set(entry.repositoryId, own);
    addBounded(own, entry, KEPT_ENTRIES);
  }

  /** The issues of a repository, oldest first. */
  issuesIn(repositoryId: number): readonly IssueEntry[] {
    return this.issuesOf.get(repositoryId) ?? [];
  }

  called(entry: CallEntry): void {
    addBounded(this.calls, entry, KEPT_ENTRIES);
  }
}

function forgetOldest<Key>(map: Map<Key, unknown>): void {
  if (map.size > KEPT_ENTRIES) {
    const [oldest] = map.keys();
    if (oldest !== undefined) {
      map.delete(oldest);
    }
  }
}
