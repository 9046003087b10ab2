import { z } from 'zod';

const runSchema = z
  .object({ id: z.string().nullable(), url: z.string().nullable(), conclusion: z.string().nullable(), endedAt: z.string().nullable() })
  .nullable();

const targetSchema = z.object({
  deliveryId: z.string(),
  owner: z.string(),
  repo: z.string(),
  workflow: z.string(),
  ref: z.string().nullable(),
  state: z.string(),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  run: runSchema,
});

/** What `GET /v1/dispatches/{eventId}` tells, as far as the terminal shows it. */
export const dispatchStorySchema = z.object({
  eventId: z.string(),
  region: z.string(),
  state: z.string(),
  repository: z.string(),
  workflow: z.string(),
  run: z.object({ id: z.string(), conclusion: z.string().nullable(), url: z.string() }),
  skip: z.object({ reason: z.string(), detail: z.string().nullable() }).nullable(),
  warnings: z.array(z.string()),
  report: z.object({ checkRunId: z.string().nullable(), issueNumber: z.number().nullable() }).nullable(),
  targets: z.array(targetSchema),
});
export type DispatchStory = z.output<typeof dispatchStorySchema>;
type Target = z.output<typeof targetSchema>;

/** Of `GET /v1/dispatches`: as much as it takes to find one run. */
export const dispatchListSchema = z.object({ data: z.array(z.object({ eventId: z.string(), run: z.object({ id: z.string() }) })) });

/** Whether every target has come to its end, that of the run it started included. */
export const isOver = ({ targets, skip }: DispatchStory): boolean =>
  skip !== null || targets.every(({ state, run }) => ['denied', 'failed'].includes(state) || (run?.endedAt ?? null) !== null);

/** The story of one finished run for a terminal. */
export function dispatchLines({ eventId, region, repository, workflow, run, skip, warnings, targets, report }: DispatchStory): string[] {
  return [
    `${repository} ${workflow}, run ${run.id}: ${run.conclusion ?? 'no conclusion'}`,
    `  event ${eventId}, decided in ${region}`,
    ...warnings.map((warning) => `  warning: ${warning}`),
    ...skipLines(skip),
    ...targets.flatMap(targetLines),
    ...reportLines(report),
  ];
}

/** Why nothing is dispatched, when that is so. */
export const skipLines = (skip: DispatchStory['skip']): string[] =>
  skip === null ? [] : [`  nothing is dispatched: ${skip.reason}`, `      ${skip.detail ?? ''}`];

function reportLines(report: DispatchStory['report']): string[] {
  if (report === null || report.checkRunId === null) return [];
  return [`  told in check run ${report.checkRunId}${issueText(report.issueNumber)}`];
}

const issueText = (number: number | null): string => (number === null ? '' : ` and in issue #${number}`);

function targetLines(target: Target): string[] {
  const { owner, repo, workflow, ref, state } = target;
  const name = `${owner}/${repo} ${workflow}${ref === null ? '' : ` on ${ref}`}`;
  return [`  → ${name}`, `      ${state}`, ...outcomeLines(target)];
}

/** Why a target was denied or failed, and the run that it started. */
export function outcomeLines({ reason, detail, run }: Pick<Target, 'reason' | 'detail' | 'run'>): string[] {
  const why = reason === null ? [] : [`      ${reason}: ${detail ?? ''}`];
  if (run === null) return why;
  return [
    ...why,
    `      run ${run.id ?? '(GitHub names none)'}${run.endedAt === null ? '' : ` ended: ${run.conclusion ?? 'no conclusion'}`}`,
  ];
}
