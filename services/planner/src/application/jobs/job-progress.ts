import { type FactType, type Job, type JobAdvanced, type JobEnded, type JobPlace, type JobPlanned, subjects } from '@waybill/contracts';
import type { Publish } from '@waybill/transport';
import { addSkipped } from '../../domain/jobs/count-job.ts';

export interface TellPorts {
  /** The own region. */
  readonly region: string;
  readonly publish: Publish;
  readonly nowMs: () => number;
  /** Ms of a clock that nobody sets. */
  readonly tickMs: () => number;
}

/** Progress is told after so many items, or so much time. */
const TOLD_ITEMS = 500;
const TOLD_MS = 2_000;

/** Appends a fact of a job; throws what `publish` throws. */
export async function tellJob(
  { region, publish }: Pick<TellPorts, 'region' | 'publish'>,
  type: Exclude<FactType, 'plan.made'>,
  fact: JobPlanned | JobAdvanced | JobEnded,
  place = '',
): Promise<void> {
  await publish({ subject: subjects.fact(region, 'l', type), body: JSON.stringify(fact), msgId: `${type}:${fact.jobId}${place}` });
}

/** How far a run of a job has come, counted on from what the facts of the job say. */
export class JobProgress {
  readonly #ports: TellPorts;
  readonly #job: Job;
  #place: JobPlace | undefined;
  #done: number;
  #skipped: Readonly<Record<string, number>>;
  #untold = 0;
  #hasMoved = false;
  #toldMs: number;

  constructor(ports: TellPorts, job: Job) {
    this.#ports = ports;
    this.#job = job;
    this.#place = job.place;
    this.#done = job.done;
    this.#skipped = job.skipped;
    this.#toldMs = ports.tickMs();
  }

  get place(): JobPlace | undefined {
    return this.#place;
  }

  /** Deliveries that were planned. */
  get done(): number {
    return this.#done;
  }

  /** Counts an item, and deliveries and skipped ones of it. Without a place: something that was planned, wherever. */
  add(item: { readonly place?: JobPlace; readonly done: number; readonly skipped: readonly { readonly reason: string }[] }): void {
    this.#place = item.place ?? this.#place;
    this.#done += item.done;
    this.#skipped = addSkipped(this.#skipped, item.skipped);
    if (item.done + item.skipped.length > 0) this.#untold += 1;
    this.#hasMoved = true;
  }

  /** Tells it when enough has come together. */
  async tellIfDue(): Promise<void> {
    if (this.#untold >= TOLD_ITEMS || this.#ports.tickMs() - this.#toldMs >= TOLD_MS) await this.tell();
  }

  /** Tells it, if there is something new. Everything up to its place must have been appended. */
  async tell(): Promise<void> {
    const { id: jobId } = this.#job;
    const place = this.#place;
    if (place === undefined || !this.#hasMoved) return;
    const at = new Date(this.#ports.nowMs()).toISOString();
    const fact: JobAdvanced = { v: 1, jobId, place, done: this.#done, skipped: this.#skipped, at };
    await tellJob(this.#ports, 'job.advanced', fact, `:${place.stream}:${place.seq}:${place.item}`);
    this.#untold = 0;
    this.#hasMoved = false;
    this.#toldMs = this.#ports.tickMs();
  }

  /** Tells that nothing more comes of the job. */
  async end(how: JobEnded['how'], detail?: string): Promise<void> {
    const told = detail === undefined ? { how } : { how, detail };
    const at = new Date(this.#ports.nowMs()).toISOString();
    await tellJob(this.#ports, 'job.ended', { v: 1, jobId: this.#job.id, ...told, done: this.#done, skipped: this.#skipped, at });
  }
}
