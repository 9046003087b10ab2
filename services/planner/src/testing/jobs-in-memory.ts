import {
  HEADERS,
  type Job,
  type JobChange,
  jobCreatedSchema,
  type JobId,
  type JobSpec,
  type ListedItem,
  newJobId,
  parseFactSubject,
  type PlanHead,
  planHeadSchema,
  readJobFact,
  splitRawData,
  subjects,
  WaybillError,
} from '@waybill/contracts';
import type { OutgoingMessage, Publish } from '@waybill/transport';
import { ItemDecider } from '../application/jobs/decide-item.ts';
import { JobLedger, type Jobs } from '../application/jobs/job-ledger.ts';
import { JobRunner } from '../application/jobs/job-runner.ts';
import type { JobStreams, StoredFact } from '../application/jobs/job-streams.ts';
import type { WatchJob } from '../application/planning-watch.ts';
import type { PlannerInMemory } from './planner-in-memory.ts';
import { RunsInMemory } from './runs-in-memory.ts';

const at = '2026-01-01T00:00:00.000Z';
const by = { actor: 'spec', reason: 'spec' };

/** One region's planner with its jobs, without NATS. Time passes only when a job sleeps, or by `nowMs`. */
export class JobsInMemory {
  readonly planner: PlannerInMemory;
  readonly withDefault = new Set<string>();
  readonly failures: unknown[] = [];
  /** When each plan of a job was stored. */
  readonly plannedAtMs: number[] = [];
  nowMs = Date.parse(at);
  isActive = true;
  created = at;
  /** How many publishes are left before the process dies; the last one is stored, or not. */
  livesFor = Number.POSITIVE_INFINITY;
  lastIs: 'stored' | 'lost' = 'stored';
  /** Called before each publish. */
  onPublish: (message: OutgoingMessage) => void = () => undefined;
  watchJob: WatchJob | undefined;
  /** Decides finished runs. */
  github: RunsInMemory;
  #ledger = new JobLedger();
  #readTo = 0;
  #runner: JobRunner | undefined;
  #ids = 0;

  constructor(planner: PlannerInMemory) {
    this.planner = planner;
    this.github = new RunsInMemory(planner);
  }

  /** A new process: what was only in memory is gone, and the Msg-Id window has passed. */
  restart(): void {
    this.planner.die();
    this.planner.log.forgetIds();
    this.github = new RunsInMemory(this.planner);
    this.livesFor = Number.POSITIVE_INFINITY;
    this.#ledger = new JobLedger();
    this.#readTo = 0;
    this.#runner = undefined;
    this.#catchUp();
  }

  /** Lets the jobs do what they can, until nothing changes any more or the process died. */
  async settle(): Promise<void> {
    this.#catchUp();
    const runner = (this.#runner ??= this.#open());
    for (let before = -1; before !== this.planner.log.messages.length && this.livesFor > 0;) {
      before = this.planner.log.messages.length;
      await runner.step();
    }
  }

  get detail(): string | undefined {
    return (this.#runner ??= this.#open()).detail;
  }

  redrive(items: readonly ListedItem[], change: object = {}): JobId {
    const jobId = this.#newId();
    const lists: number[] = [];
    for (let first = 0; first < items.length; first += 500)
      lists.push(this.#store('job.listed', { v: 1, jobId, part: first / 500, items: items.slice(first, first + 500), at }));
    return this.create({ kind: 'redrive', filter: {}, dispatches: false }, { jobId, lists, ...change });
  }

  create(spec: JobSpec, change: object = {}): JobId {
    const jobId = this.#newId();
    const fact = { v: 1, jobId, region: this.planner.region, spec, ratePerSecond: 10_000, start: true, lists: [], by, at, ...change };
    this.#store('job.created', fact);
    return jobCreatedSchema.parse(fact).jobId;
  }

  change(jobId: JobId, change: JobChange, ratePerSecond?: number): void {
    this.#store('job.changed', { v: 1, jobId, change, ratePerSecond, by, at });
    this.#catchUp();
  }

  job(jobId: JobId): Job {
    this.#catchUp();
    const known = this.#ledger.get(jobId);
    if (known === undefined) throw new Error('no such job');
    return known.job;
  }

  /** The plans that jobs made. */
  replayed(): PlanHead[] {
    return this.planner.log.plans().filter(({ replay }) => replay !== undefined);
  }

  readonly streams: JobStreams = {
    page: async ({ stream, toSeq }, afterSeq, kind) => {
      const wanted = this.#facts(stream, kind).filter(({ seq }) => seq > afterSeq && seq <= toSeq);
      return wanted.slice(0, 200);
    },
    read: async ({ stream, seq }) => this.#all(stream).find((fact) => fact.seq === seq),
    search: async (_eventId, kind, mark) =>
      [this.planner.log, this.planner.peers]
        .flatMap(({ name }) => this.#facts(name, kind))
        .find(({ body }) => Buffer.from(body).includes(mark)),
    stretches: async () =>
      [this.planner.log, this.planner.peers].map(({ name, messages }) => ({
        stream: name,
        created: this.created,
        fromSeq: 1,
        toSeq: messages.length,
      })),
    created: async () => this.created,
    plannedSince: async ({ job, countedTo }) =>
      this.planner.log.messages
        .map(({ seq, body, headers }) => ({ seq, body, id: headers[HEADERS.msgId]?.split(':') ?? [] }))
        .filter(({ seq, id }) => seq > countedTo && id.at(-3) === job.id)
        .map(({ body, id }) => ({
          itemId: id.at(-2) ?? '',
          head: planHeadSchema.parse(splitRawData(body).head),
        })),
  };

  #open(): JobRunner {
    const { region, subscriptions, routing, schema, log } = this.planner;
    const settings = { own: region, known: new Set(['us', 'eu', 'ap']), withDefault: this.withDefault };
    const jobs: Jobs = {
      all: () => this.#ledger.all(),
      get: (jobId) => this.#ledger.get(jobId),
      catchUp: async () => this.#catchUp(),
    };
    const { streams } = this;
    return new JobRunner({
      region,
      jobs,
      streams,
      subscriptions,
      logStream: log.name,
      decider: new ItemDecider({
        schema,
        settings,
        subscriptions,
        routing,
        streams,
        appender: this.planner.appender,
        holdBody: this.planner.holdBody,
        runs: this.github.runs,
        mayRun: () => this.isActive,
      }),
      publish: this.#publish,
      mayRun: () => this.isActive,
      watchJob: this.watchJob,
      registryCaughtUp: async () => undefined,
      nowMs: () => this.nowMs,
      tickMs: () => this.nowMs,
      sleep: async (ms) => void (this.nowMs += ms),
      onFailure: (_, failure) => this.failures.push(failure),
    });
  }

  readonly #publish: Publish = async (message) => {
    if (this.livesFor <= 0) throw new WaybillError('WB_NATS_AWAY', 'it is dead');
    this.onPublish(message);
    this.livesFor -= 1;
    if (this.livesFor === 0 && this.lastIs === 'lost') throw new WaybillError('WB_NATS_AWAY', 'it died');
    const stored = await this.planner.log.publish(message);
    if (message.subject.includes('.plan.made.')) this.plannedAtMs.push(this.nowMs);
    if (this.livesFor === 0) throw new WaybillError('WB_NATS_AWAY', 'it died');
    this.#catchUp();
    return stored;
  };

  #newId(): JobId {
    this.#ids += 1;
    return newJobId(this.nowMs, Buffer.alloc(10, this.#ids));
  }

  #store(type: 'job.listed' | 'job.created' | 'job.changed', body: object): number {
    return this.planner.log.store({ subject: subjects.fact(this.planner.region, 'l', type), body: JSON.stringify(body) });
  }

  #catchUp(): void {
    for (const { subject, body, seq, timestampMs } of this.planner.log.messages.slice(this.#readTo)) {
      const fact = readJobFact(subject, body);
      if (fact !== undefined) this.#ledger.note(fact, { seq, storedMs: timestampMs });
      this.#readTo = seq;
    }
  }

  #all(name: string): StoredFact[] {
    const stream = [this.planner.log, this.planner.peers].find((one) => one.name === name);
    return (stream?.messages ?? []).map(({ seq, origin, subject, body, timestampMs }) => ({
      stream: name,
      seq,
      originSeq: origin?.seq ?? seq,
      subject,
      body,
      storedMs: timestampMs,
    }));
  }

  #facts(name: string, kind: 'accepted' | 'plans'): StoredFact[] {
    const types = kind === 'plans' ? ['plan.made'] : ['event.accepted', 'run.completed'];
    return this.#all(name).filter(({ subject }) => types.includes(parseFactSubject(subject)?.type ?? ''));
  }
}
