import type { InRepository } from '@waybill/github';
import { checkOf, issueOf } from '../../domain/report/render.ts';
import type { Decided } from '../../domain/report/story.ts';
import type { NoAnswer } from '../dispatch/dispatch-ports.ts';
import { noAnswer } from '../dispatch/no-answer.ts';
import type { AppOfReports } from './report-ports.ts';
import type { DecidedStory } from './stories.ts';

/**
 * What a write gave. `refused`: the same write would be refused again. `limited`: GitHub asks to wait. `away`: no usable answer, try again. `elsewhere`:
 * another process is making it.
 */
export type Written =
  | { readonly kind: 'written'; readonly checkRunId?: string | undefined; readonly issueNumber?: number | undefined }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'elsewhere' }
  | NoAnswer;

/** Whether what is not there may be made by this process now. */
export type MayMake = () => Promise<boolean>;

const ELSEWHERE: Written = { kind: 'elsewhere' };

/**
 * Makes the check run say what the story says. One that another process made, and died before it said so, is found by its external id and written again,
 * so that there is never a second one. Never rejects.
 */
export function writeCheck(app: AppOfReports, story: DecidedStory, mayMake: MayMake): Promise<Written> {
  return answered(async () => {
    const check = checkOf(story);
    if (check === undefined) return { kind: 'written' };
    const place = await placeOf(app, story.decided);
    if ('kind' in place) return place;
    const id = story.reported?.checkRunId ?? (await app.findCheckRun(place, check.headSha, check.externalId));
    if (id === undefined) return (await mayMake()) ? { kind: 'written', checkRunId: await app.createCheckRun(place, check) } : ELSEWHERE;
    await app.updateCheckRun(place, id, check);
    return { kind: 'written', checkRunId: id };
  });
}

/**
 * Makes the open issue of the story's workflow say what the story says: opens it, updates it, or closes it. It is looked for each time, because people close
 * issues too; one that they closed is not opened again, a new failure opens a new one. Never rejects.
 */
export function writeIssue(app: AppOfReports, story: DecidedStory, mayMake: MayMake): Promise<Written> {
  return answered(async () => {
    const report = issueOf(story);
    if (report === undefined) return { kind: 'written' };
    const { marker, ...issue } = report;
    const place = await placeOf(app, story.decided);
    if ('kind' in place) return place;
    const number = await app.findIssue(place, marker);
    if (number !== undefined) {
      await app.updateIssue(place, number, issue);
      return { kind: 'written', issueNumber: number };
    }
    if (issue.state === 'closed') return { kind: 'written' };
    if (!(await mayMake())) return ELSEWHERE;
    return { kind: 'written', issueNumber: await app.createIssue(place, { title: issue.title, body: issue.body }) };
  });
}

/** Some webhooks name no installation: it is looked up then. */
async function placeOf(app: AppOfReports, { run: { installationId, owner, repo } }: Decided): Promise<InRepository | Written> {
  if (installationId !== undefined) return { installationId, owner, repo };
  const found = await app.repository(owner, repo);
  if (found.kind === 'found') return { installationId: found.repository.installationId, owner, repo };
  return { kind: 'refused', detail: `${owner}/${repo}: ${found.kind}` };
}

async function answered(write: () => Promise<Written>): Promise<Written> {
  try {
    return await write();
  } catch (error) {
    return error instanceof Error && error.name === 'GithubRefused' ? { kind: 'refused', detail: error.message } : noAnswer(error);
  }
}
