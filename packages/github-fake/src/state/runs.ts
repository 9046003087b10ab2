import { KEPT_ENTRIES, addBounded } from './bounded.ts';
import type { FakeRepository, FakeRun } from './model.ts';

/** Which runs a listing shows. */
export interface RunFilter {
  readonly workflowId?: number | undefined;
  readonly event?: string | undefined;
  readonly branch?: string | undefined;
  readonly actor?: string | undefined;
  readonly status?: string | undefined;
  readonly headSha?: string | undefined;
  /** `>=2026-11-21T10:00:00Z`, `<=`, `>`, `<`, `a..b` or a day. */
  readonly created?: string | undefined;
}

/** All runs, the latest state of each. */
export class Runs {
  private readonly byId = new Map<string, FakeRun>();
  private readonly idsOf = new Map<number, string[]>();
  private readonly numbers = new Map<string, number>();

  get size(): number {
    return this.byId.size;
  }

  get(id: string): FakeRun | undefined {
    return this.byId.get(id);
  }

  /** Keeps a run, or its new state. */
  put(run: FakeRun): void {
    if (!this.byId.has(run.id)) {
      const ids = this.idsOf.get(run.repository.id) ?? [];
      this.idsOf.set(run.repository.id, ids);
      addBounded(ids, run.id, KEPT_ENTRIES);
    }
    this.byId.set(run.id, run);
    if (this.byId.size > KEPT_ENTRIES) {
      const [oldest] = this.byId.keys();
      this.byId.delete(oldest ?? '');
    }
  }

  /** The next `run_number` of a workflow. */
  nextNumber(workflowId: number): number {
    const number = (this.numbers.get(String(workflowId)) ?? 0) + 1;
    this.numbers.set(String(workflowId), number);
    return number;
  }

  /** Newest first, at most the 1,000 that GitHub's filtered listing gives. */
  list(repository: FakeRepository, filter: RunFilter): FakeRun[] {
    const ids = this.idsOf.get(repository.id) ?? [];
    const created = createdBy(filter.created);
    const found: FakeRun[] = [];
    for (let index = ids.length - 1; index >= 0 && found.length < 1000; index -= 1) {
      const run = this.byId.get(ids[index] ?? '');
      if (run !== undefined && created(run.createdAt) && matches(run, filter)) {
        found.push(run);
      }
    }
    return found;
  }
}

function matches(run: FakeRun, filter: RunFilter): boolean {
  const wanted: readonly (readonly [string | undefined, string | null])[] = [
    [filter.workflowId?.toString(), String(run.workflowId)],
    [filter.event, run.event],
    [filter.branch, run.headBranch],
    [filter.actor, run.actor.login],
    [filter.headSha, run.headSha],
  ];
  const state = filter.status === undefined || filter.status === run.status || filter.status === run.conclusion;
  return state && wanted.every(([want, is]) => want === undefined || want === is);
}

function createdBy(text: string | undefined): (at: string) => boolean {
  if (text === undefined || text === '') {
    return () => true;
  }
  const [from, to] = text.split('..');
  if (to !== undefined) {
    return (at) => Date.parse(at) >= Date.parse(from ?? '') && Date.parse(at) <= Date.parse(to);
  }
  const [, sign = '', bound = ''] = /^(>=|<=|>|<)?(.*)$/u.exec(text) ?? [];
  // GitHub shows times to the second and compares them so.
  const limit = Math.floor(Date.parse(bound) / 1000);
  const compare: Record<string, (seconds: number) => boolean> = {
    '>=': (seconds) => seconds >= limit,
    '<=': (seconds) => seconds <= limit,
    '>': (seconds) => seconds > limit,
    '<': (seconds) => seconds < limit,
    '': (seconds) => new Date(seconds * 1000).toISOString().startsWith(bound),
  };
  return (at) => compare[sign]?.(Math.floor(Date.parse(at) / 1000)) ?? false;
}
