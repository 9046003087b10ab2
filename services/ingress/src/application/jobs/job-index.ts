import { foldJob, type Job, type JobFact } from '@waybill/contracts';

/** How far a running job was at a time. */
interface Point {
  readonly atMs: number;
  readonly done: number;
}

/** A job says how far it is every two seconds: the rate is that of the last ten. */
const MAX_POINTS = 6;

/** The jobs of this region, as their facts tell them. */
export class JobIndex {
  readonly #jobs = new Map<string, Job>();
  readonly #points = new Map<string, readonly Point[]>();

  /** Takes a fact in; one that was taken in before changes nothing. */
  note(fact: JobFact): void {
    const { jobId } = fact.fact;
    const before = this.#jobs.get(jobId);
    const after = foldJob(before, fact);
    if (after === undefined || after === before) return;
    this.#jobs.set(jobId, after);
    this.#measure(before, after);
  }

  find(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  all(): Job[] {
    return [...this.#jobs.values()];
  }

  /** Deliveries a second that a running job came to lately; 0 for all others, and as long as there is nothing to measure. */
  rateOf(id: string): number {
    const points = this.#points.get(id) ?? [];
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return ((last.done - first.done) * 1000) / (last.atMs - first.atMs);
  }

  #measure(before: Job | undefined, after: Job): void {
    const { id, state, done } = after;
    if (state !== 'running') {
      this.#points.delete(id);
      return;
    }
    if (before?.state === 'running' && after.place === before.place) return;
    const point = { atMs: Date.parse(after.updatedAt), done };
    this.#points.set(id, [...(this.#points.get(id) ?? []), point].slice(-MAX_POINTS));
  }
}
