import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { type Api, ApiError, apiOf, isUp, runningStack } from '../client/api.ts';
import { dispatchLines, dispatchListSchema, type DispatchStory, dispatchStorySchema, isOver } from '../client/dispatch.ts';
import type { RunState } from '../stack/run-file.ts';
import { print, tell } from '../terminal/print.ts';
import { dataOption, wholeNumberIn } from './options.ts';

interface DemoOptions {
  readonly data: string;
  readonly region?: string;
  readonly conclusion: string;
  readonly timeout: number;
  readonly json?: boolean;
}

const SOURCE = 'acme/my-source-repo';
const WORKFLOW = 'ci.yml';
const finishedSchema = z.object({ runId: z.string() });
const POLL_MS = 200;

/** `waybill github demo`: finishes a run on the GitHub of the local stack and tells what it leads to. */
export function addGithubDemo(parent: Command): void {
  parent
    .command('demo')
    .description(`finish a run of ${WORKFLOW} in ${SOURCE} on the local stack's own GitHub, and watch what it starts`)
    .addOption(dataOption())
    .option('--region <id>', 'region that GitHub tells about it; default: the first one that is up')
    .addOption(new Option('--conclusion <conclusion>', 'how the run ends').choices(['success', 'failure', 'cancelled']).default('success'))
    .option('--timeout <seconds>', 'how long to watch', wholeNumberIn(1, 3_600), 90)
    .option('--json', 'print the last answer of the API as it is')
    .action(demo);
}

async function demo({ data, region: asked, conclusion, timeout, json }: DemoOptions): Promise<void> {
  const state = runningStack(data);
  const { githubUrl } = state;
  if (githubUrl === undefined) throw new Error('this stack talks to a real GitHub App; finish a run there, and look at GET /v1/dispatches');
  const region = regionOf(state, asked);
  // GitHub knows one address for all webhooks; where several regions have a balancer in front, that never changes.
  await post(githubUrl, 'hook', { url: `${region.url}/webhooks/github` });
  const { runId } = finishedSchema.parse(await post(githubUrl, 'finish-run', { repository: SOURCE, workflow: WORKFLOW, conclusion }));
  tell(`run ${runId} of ${SOURCE} ended; GitHub tells ${region.id}`);
  const story = await watch(apiOf(data, process.env, region.id), runId, timeout * 1_000);
  if (story === undefined) throw new Error(`nothing is known of run ${runId} after ${timeout} s; "waybill doctor" looks what is wrong`);
  if (json === true) return print(JSON.stringify(story, null, 2));
  for (const line of dispatchLines(story)) print(line);
  if (isOver(story)) return;
  tell(`not everything has an end after ${timeout} s; look again: GET /v1/dispatches/${story.eventId}`);
  process.exitCode = 1;
}

function regionOf({ regions }: RunState, asked: string | undefined): RunState['regions'][number] {
  const found = asked === undefined ? regions.find(isUp) : regions.find(({ id }) => id === asked);
  if (found !== undefined) return found;
  throw new Error(
    asked === undefined
      ? 'no region is up; "waybill doctor" looks what is wrong'
      : `this stack has no region "${asked}"; it has ${regions.map(({ id }) => id).join(', ')}`,
  );
}

async function post(githubUrl: string, action: string, body: object): Promise<unknown> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${githubUrl}/_control/${action}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`the local GitHub answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

/** Tells each change of a target until all have come to their end, or time is over. */
async function watch(api: Api, runId: string, budgetMs: number): Promise<DispatchStory | undefined> {
  const deadline = performance.now() + budgetMs;
  const told = new Map<string, string>();
  let story: DispatchStory | undefined;
  for (; performance.now() < deadline; await sleep(POLL_MS)) {
    const listed = await api.get(`/v1/dispatches?repository=${encodeURIComponent(SOURCE)}&limit=20`).catch(notYet);
    if (listed === undefined) continue;
    const { data } = dispatchListSchema.parse(listed);
    const eventId = data.find(({ run }) => run.id === runId)?.eventId;
    if (eventId === undefined) continue;
    story = dispatchStorySchema.parse(await api.get(`/v1/dispatches/${eventId}`));
    for (const { owner, repo, state } of story.targets) {
      if (told.get(repo) !== state) tell(`  ${owner}/${repo}: ${state}`);
      told.set(repo, state);
    }
    if (isOver(story) && (story.skip !== null || (story.report?.checkRunId ?? null) !== null)) return story;
  }
  return story;
}

/** A region that has just started takes runs before its read models are open. */
function notYet(error: unknown): undefined {
  if (error instanceof ApiError && error.status === 503) return undefined;
  throw error;
}
