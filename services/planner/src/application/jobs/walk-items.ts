import { type Job, jobListedSchema, type JobPlace, type JobStretch, type ListedItem, type ReplaySpec } from '@waybill/contracts';
import type { Decision } from '../../domain/jobs/decision.ts';
import type { DecideStep, ItemDecider } from './decide-item.ts';
import type { FactKind, JobStreams, StoredFact } from './job-streams.ts';

/** Where the items of a replay are: what was planned then is told by plans alone. */
export const kindOf = ({ destinations, into }: ReplaySpec): FactKind =>
  destinations === 'then' && into === undefined ? 'plans' : 'accepted';

/** A job cannot go on, and never will: it ends with this. */
export class JobCannotGoOn extends Error {}

/** One thing that a job works on, at its place. `itemId` tells it apart in the Msg-Ids of the job's plans. */
export interface WalkedItem {
  readonly place: JobPlace;
  readonly itemId: string;
  /** Decides it by the registry and the regions of now. */
  readonly decide: (step: DecideStep) => Promise<Decision>;
}

export interface WalkPorts {
  readonly streams: JobStreams;
  readonly decider: ItemDecider;
  readonly logStream: string;
}

/**
 * The items of a job behind `after`, in pages, always in the same order. Throws JobCannotGoOn when a list is gone or a stream was made anew, and
 * whatever reading throws.
 */
export async function* walkItems(
  ports: WalkPorts,
  job: Job,
  from: { readonly stretches: readonly JobStretch[]; readonly after: JobPlace | undefined },
): AsyncGenerator<readonly WalkedItem[]> {
  const { spec } = job;
  if (spec.kind === 'redrive') {
    const reached = from.after === undefined ? 0 : job.lists.indexOf(from.after.seq);
    for (const seq of job.lists.slice(Math.max(0, reached))) {
      const items = await readList(ports, job, seq);
      const first = from.after?.seq === seq ? from.after.item + 1 : 0;
      yield items.slice(first).map((item, index) => ({
        place: { stream: ports.logStream, seq, item: first + index },
        itemId: item.id,
        decide: (step: DecideStep) => ports.decider.redrive(job, spec, item, step),
      }));
    }
    return;
  }
  const passed = from.stretches.findIndex(({ stream }) => stream === from.after?.stream);
  for (const [index, stretch] of from.stretches.entries()) {
    if (index < passed) continue;
    yield* walkStretch(ports, job, spec, { stretch, afterSeq: index === passed ? (from.after?.seq ?? 0) : 0 });
  }
}

async function readList({ streams, logStream }: WalkPorts, job: Job, seq: number): Promise<readonly ListedItem[]> {
  const fact = await streams.read({ stream: logStream, seq });
  const listed = fact && jobListedSchema.safeParse(JSON.parse(Buffer.from(fact.body).toString('utf8'))).data;
  if (listed?.jobId !== job.id) throw new JobCannotGoOn(`the list at ${logStream} ${seq} is gone`);
  return listed.items;
}

async function* walkStretch(
  { streams, decider }: WalkPorts,
  job: Job,
  spec: ReplaySpec,
  { stretch, afterSeq }: { readonly stretch: JobStretch; readonly afterSeq: number },
): AsyncGenerator<readonly WalkedItem[]> {
  const { stream } = stretch;
  const kind = kindOf(spec);
  const decide = async (fact: StoredFact): Promise<Decision> =>
    kind === 'plans' ? decider.plannedThen(job, spec, fact) : decider.wantedNow(job, spec, fact);
  let after = Math.max(afterSeq, stretch.fromSeq - 1);
  while (after < stretch.toSeq) {
    if ((await streams.created(stream)) !== stretch.created) throw new JobCannotGoOn(`${stream} was made anew since this was planned`);
    const facts = await streams.page(stretch, after, kind);
    const last = facts.at(-1);
    if (last === undefined) return;
    after = last.seq;
    yield facts.map((fact) => ({
      place: { stream, seq: fact.seq, item: 0 },
      itemId: `${stream}-${fact.seq}`,
      decide: () => decide(fact),
    }));
  }
}
