import { DISPATCH_FAILURE_TEXTS, RUN_SKIP_TEXTS, TARGET_DENIAL_TEXTS } from '@waybill/contracts';
import { addressOf, fitting, link, plain } from './markdown.ts';
import {
  type Conclusion,
  conclusionOf,
  phaseOf,
  type TargetState,
  targetsOf,
  type TargetView,
  verdictOf,
  workflowKeyOf,
} from './outcome.ts';
import type { Decided, Story } from './story.ts';

/** A check run as it should be. */
export interface CheckReport {
  readonly name: string;
  readonly headSha: string;
  readonly externalId: string;
  readonly status: 'in_progress' | 'completed';
  readonly conclusion?: Conclusion | undefined;
  readonly detailsUrl?: string | undefined;
  readonly title: string;
  /** Markdown, below 65,535 characters. */
  readonly summary: string;
}

/** The issue of a source workflow as it should be. */
export interface IssueReport {
  /** A hidden line of the body, by which the issue is found. */
  readonly marker: string;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed';
}

const CHECK_NAME = 'Waybill';
const MAX_TITLE_NAME = 100;
/** What a summary may take before and after its table, in bytes: at most 37 reasons of some 300 each, and the warnings. */
const MAX_NOTES_BYTES = 15_000;
const MAX_TABLE_BYTES = 45_000;

/** The check run of a story that is reported; undefined without a decision. Everything that came from outside is shown as plain text. */
export function checkOf(story: Story): CheckReport | undefined {
  const { decided, eventId } = story;
  if (decided === undefined) return undefined;
  const targets = targetsOf(story);
  const isOpen = phaseOf(targets) === 'open';
  return {
    name: CHECK_NAME,
    headSha: decided.run.headSha,
    externalId: eventId,
    status: isOpen ? 'in_progress' : 'completed',
    ...(isOpen ? {} : { conclusion: conclusionOf(story, targets) }),
    detailsUrl: addressOf(decided.run.url),
    title: decided.skip === undefined ? countsOf(targets) : 'dispatching.yml cannot be used',
    summary: decided.skip === undefined ? accountOf(decided, targets) : skipOf(decided.skip, decided),
  };
}

/** The issue that the newest story of a workflow asks for; undefined when it asks for none. */
export function issueOf(story: Story): IssueReport | undefined {
  const { decided } = story;
  const targets = targetsOf(story);
  const verdict = verdictOf(targets);
  if (decided === undefined || verdict === undefined) return undefined;
  const marker = markerOf(decided);
  const first =
    verdict === 'bad' ? 'A run of this workflow did not start all that its rules name.' : 'All targets of the newest run were started.';
  const last =
    verdict === 'bad'
      ? 'This issue follows the newest run. It is closed when all targets of a later run were started.'
      : 'A later run that does not start all its targets opens a new issue.';
  return {
    marker,
    title: `Waybill: targets of ${titleName(decided.run.workflow)} were not started`,
    body: [marker, first, accountOf(decided, targets), last].join('\n\n'),
    state: verdict === 'bad' ? 'open' : 'closed',
  };
}

/** Encoded, so that no name of a file can end the comment. */
const markerOf = (decided: Decided): string => `<!-- waybill:${workflowKeyOf(decided).split('/').map(encodeURIComponent).join('/')} -->`;

/** Titles are no Markdown, but mentions look the same there. */
const titleName = (name: string): string =>
  Array.from(name.replaceAll(/[\p{C}\s@#<>]+/gu, ' '))
    .slice(0, MAX_TITLE_NAME)
    .join('');

const COUNTED = { started: 'started', open: 'waiting', unsure: 'uncertain', denied: 'denied', failed: 'failed', lost: 'lost' } as const;

function countsOf(targets: readonly TargetView[]): string {
  const counts = Object.entries(COUNTED).map(([kind, word]) => ({
    word,
    count: targets.filter(({ state }) => state.kind === kind).length,
  }));
  return counts.flatMap(({ word, count }) => (count === 0 ? [] : [`${count} ${word}`])).join(', ');
}

function accountOf(decided: Decided, targets: readonly TargetView[]): string {
  const { lines, left } = fitting(targets.map(rowOf), MAX_TABLE_BYTES);
  return [
    runLine(decided),
    ['| Target | Ref | Result | Why |', '| --- | --- | --- | --- |', ...lines].join('\n'),
    ...(left === 0 ? [] : [`${left} more targets are left out: ${countsOf(targets.slice(-left))}.`]),
    ...notes('What to do', remediesOf(targets)),
    ...notes('Warnings', decided.warnings.map(warningText)),
  ].join('\n\n');
}

function runLine({ run }: Decided): string {
  const branch = run.headBranch === null ? '' : ` on ${plain(run.headBranch)}`;
  const attempt = run.attempt === 1 ? '' : `, attempt ${run.attempt}`;
  return `${link(`${run.workflow}, run ${run.id}${attempt}`, run.url)}${branch}, ended with ${plain(run.conclusion ?? 'no conclusion')}.`;
}

function rowOf({ owner, repo, workflow, ref, state }: TargetView): string {
  return `| ${plain(`${owner}/${repo} ${workflow}`)} | ${plain(ref ?? '')} | ${resultOf(state)} | ${whyOf(state)} |`;
}

function resultOf(state: TargetState): string {
  switch (state.kind) {
    case 'open':
      return 'waiting';
    case 'unsure':
      return 'being looked for';
    case 'started': {
      const { runId, url, ended } = state;
      const run =
        url === undefined && ended === undefined ? 'started' : link(runId === undefined ? 'run' : `run ${runId}`, ended?.url ?? url);
      return ended === undefined ? `started: ${run}` : `started: ${run}, ended with ${plain(ended.conclusion ?? 'no conclusion')}`;
    }
    case 'denied':
      return 'denied';
    case 'failed':
      return 'failed';
    case 'lost':
      return 'not known whether it started';
    default:
      return state satisfies never;
  }
}

const whyOf = (state: TargetState): string => {
  if (state.kind === 'unsure') return plain(state.detail);
  return 'reason' in state ? `\`${state.reason}\`: ${plain(state.detail)}` : '';
};

/** Each reason once, with what it means. */
function remediesOf(targets: readonly TargetView[]): string[] {
  const texts = new Map<string, string>();
  for (const { state } of targets) {
    if (!('reason' in state)) continue;
    const { meaning, remedy } = state.kind === 'denied' ? TARGET_DENIAL_TEXTS[state.reason] : DISPATCH_FAILURE_TEXTS[state.reason];
    texts.set(state.reason, `\`${state.reason}\`: ${meaning} ${remedy}`);
  }
  return [...texts.values()];
}

const warningText = (warning: string): string =>
  warning === 'config_shadowed'
    ? 'There is a `.github/dispatching.yml` too. It does not count, for the one in the root was found first.'
    : plain(warning);

function notes(heading: string, all: readonly string[]): string[] {
  if (all.length === 0) return [];
  const { lines, left } = fitting(
    all.map((one) => `- ${one}`),
    MAX_NOTES_BYTES / 2,
  );
  const more = left === 0 ? [] : [`- and ${left} more`];
  return [`**${heading}**`, [...lines, ...more].join('\n')];
}

function skipOf({ reason, detail }: NonNullable<Decided['skip']>, decided: Decided): string {
  const { meaning, remedy } = RUN_SKIP_TEXTS[reason];
  const problems = detail
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(plain);
  const warnings = notes('Warnings', decided.warnings.map(warningText));
  return [runLine(decided), `\`${reason}\`: ${meaning} ${remedy}`, ...notes('Problems', problems), ...warnings].join('\n\n');
}
