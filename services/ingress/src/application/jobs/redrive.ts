import {
  jobRateSchema,
  type JobId,
  type JobListed,
  type ListedItem,
  listedItemSchema,
  MOST_ITEMS,
  MOST_LISTED,
  type RedriveSpec,
  WaybillError,
} from '@waybill/contracts';
import { z } from 'zod';
import { byWhomWithReason, type Caller, reasonSchema } from '../by-whom.ts';
import { checkChoice, type ChoicePorts, choiceShape, chosen } from '../dead-letters/choose.ts';
import type { DeadLetter } from '../dead-letters/dead-letter-reads.ts';
import { parseWith } from '../parse-with.ts';
import { createJob } from './create-job.ts';
import { type JobPorts, refuseOverlap } from './job-ports.ts';
import type { JobView } from './job-view.ts';

/** The body of `POST /v1/dead-letters/redrive`. */
export const redriveBodySchema = z
  .strictObject({
    ...choiceShape,
    reason: reasonSchema.optional(),
    ratePerSecond: jobRateSchema.optional(),
    start: z.boolean().default(false),
    dispatches: z.boolean().meta({ description: 'Workflow dispatches among them may be made again' }).default(false),
  })
  .meta({ id: 'Redrive' });

export type RedrivePorts = JobPorts &
  ChoicePorts & {
    /** Told how many dead letters a job leaves out, because this region does not have their events any more. */
    readonly onLeftOut: (jobId: JobId, count: number) => void;
  };

/**
 * Makes a job of dead letters, one such command at a time. The list is appended part by part while it is read; a process that dies before the job's own
 * fact leaves parts that count for nothing. Throws what `checkChoice`, `chosen` and `refuseOverlap` do, WB_JOB_TOO_LARGE, and WB_DEAD_LETTER_UNKNOWN when
 * there is nothing to do.
 */
export function redrive(ports: RedrivePorts, body: unknown, caller: Caller): Promise<JobView> {
  return ports.inTurn.run('redrive', async () => {
    const { ids, filter, all, reason, ratePerSecond, start, dispatches } = parseWith(redriveBodySchema, body);
    const by = byWhomWithReason(caller, reason);
    const spec: RedriveSpec = { kind: 'redrive', ...(await checkChoice(ports, { ids, filter, all })), dispatches };
    return redriveNow(ports, spec, { by, ratePerSecond, start });
  });
}

type Terms = Pick<Parameters<typeof createJob>[1], 'by' | 'ratePerSecond' | 'start'>;

/** The same for a choice that was checked. */
export async function redriveNow(ports: RedrivePorts, spec: RedriveSpec, terms: Terms): Promise<JobView> {
  await refuseOverlap(ports, spec);
  const id = ports.newId(ports.nowMs());
  const lists = await appendLists(ports, id, spec);
  return createJob(ports, { id, spec, lists, ...terms });
}

/** What a job needs to know of a dead letter; undefined when its event is not in this region's streams any more. */
function itemOf({ id, kind, eventId, tenantId, endpointId, event, plan, region }: DeadLetter): ListedItem | undefined {
  return listedItemSchema.safeParse({
    id,
    kind,
    eventId,
    tenantId,
    event,
    region,
    endpointId: endpointId ?? undefined,
    plan: plan ?? undefined,
  }).data;
}

/**
 * Appends the parts; resolves with their sequences in the order in which they are to be worked on: as the ids were given, or the oldest dead letter first,
 * which a list has last. Holds no more than a part and a page.
 */
async function appendLists(ports: RedrivePorts, jobId: JobId, spec: RedriveSpec): Promise<number[]> {
  const lists: number[] = [];
  let waiting: ListedItem[] = [];
  let [listed, leftOut] = [0, 0];
  const appendPart = async (): Promise<void> => {
    const part = lists.length;
    const found = waiting.slice(0, MOST_LISTED);
    const items = spec.ids === undefined ? found.toReversed() : found;
    const fact: JobListed = { v: 1, jobId, part, items, at: new Date(ports.nowMs()).toISOString() };
    const { seq } = await ports.append({ type: 'job.listed', scope: 'l', msgId: `job:${jobId}:listed:${part}`, body: fact });
    lists.push(seq);
    waiting = waiting.slice(MOST_LISTED);
  };
  const choice = spec.ids === undefined ? { filter: spec.filter ?? {} } : { ids: spec.ids };
  for await (const page of chosen(ports, choice)) {
    const items = page.flatMap((deadLetter) => itemOf(deadLetter) ?? []);
    listed += items.length;
    leftOut += page.length - items.length;
    if (listed > MOST_ITEMS)
      throw new WaybillError('WB_JOB_TOO_LARGE', `more than ${MOST_ITEMS} dead letters fit; nothing will be redriven`);
    waiting.push(...items);
    while (waiting.length >= MOST_LISTED) await appendPart();
  }
  if (waiting.length > 0) await appendPart();
  if (listed === 0) throw nothingToDo(leftOut);
  if (leftOut > 0) ports.onLeftOut(jobId, leftOut);
  return spec.ids === undefined ? lists.toReversed() : lists;
}

const nothingToDo = (leftOut: number): WaybillError =>
  new WaybillError(
    'WB_DEAD_LETTER_UNKNOWN',
    leftOut === 0
      ? 'no open dead letter fits: there is nothing to redrive'
      : 'the events of these dead letters are not in this region any more',
  );
