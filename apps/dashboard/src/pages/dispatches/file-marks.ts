import type { DecidedFile, Story, Target } from './dispatch.ts';
import { hasRules, type Lines, ruleLines, rulesAbout, sectionLine, targetLines } from './rule-lines.ts';

/** Lines of a file that decided, and what they say. */
export interface Mark extends Lines {
  readonly tone: 'good' | 'bad' | 'busy';
}

/** What a side of the decision is shown with. `add`: what to write into the file so that it allows this. */
export interface Side {
  readonly title: string;
  readonly repository: string;
  /** Undefined when the decision did not read it, or did not keep it. */
  readonly file: DecidedFile | undefined;
  readonly says: string;
  readonly marks: readonly Mark[];
  readonly add?: string | undefined;
}

const LINE = /\bline (\d+)/g;
/** As consent tells it: `inbound[1] in the dispatching.yml of acme/api does not accept …`. */
const INBOUND_RULE = /^(\S+) in the dispatching\.yml of /;
const OUTBOUND_RULE = /^The rule (\S+) names this workflow/;

const sameName = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
const bareOf = (repository: string): string => repository.split('/')[1] ?? repository;
const ownerOf = (repository: string): string => repository.split('/')[0] ?? repository;
/** How a file of `owner` may name a repository. */
const spelled = (repository: string, owner: string): string[] =>
  sameName(ownerOf(repository), owner) ? [repository, bareOf(repository)] : [repository];

const fileOf = ({ files }: Story, repository: string): DecidedFile | undefined =>
  files?.find((file) => sameName(file.repository, repository));
const linesText = ({ from, to }: Lines): string => (from === to ? `line ${from}` : `lines ${from} to ${to}`);
const namedLines = (detail: string): Mark[] =>
  Array.from(detail.matchAll(LINE), ([, line]) => ({ from: Number(line), to: Number(line), tone: 'bad' as const }));

/** The source's file, with the rule and the target that it names. */
export function sourceSide(story: Story, target: Target | undefined): Side {
  const { repository } = story;
  const file = fileOf(story, repository);
  const side = { title: 'Source: where it wants to go', repository, file };
  if (file === undefined || file.missing === true) return { ...side, says: absentText(story, file), marks: [] };
  if (target === undefined) return { ...side, ...skippedSide(story, file) };
  const rule = target.rule === null ? undefined : ruleLines(file.text, 'outbound', target.rule);
  if (rule === undefined) return { ...side, says: `Rule ${target.rule ?? 'unknown'}.`, marks: [] };
  const name = `${target.owner}/${target.repo}`;
  const lines = targetLines(file.text, rule, [spelled(name, ownerOf(repository)), [target.workflow]]);
  return { ...side, says: `Rule ${target.rule ?? ''} asks for this: ${linesText(lines)}.`, marks: [{ ...lines, tone: 'busy' }] };
}

function skippedSide({ skip, workflow }: Story, { text }: DecidedFile): Pick<Side, 'says' | 'marks'> {
  const detail = skip?.detail ?? '';
  const wrong = namedLines(detail);
  if (wrong.length > 0) return { says: 'It cannot be used as it is.', marks: wrong };
  const name = OUTBOUND_RULE.exec(detail)?.[1];
  const rule = name === undefined ? undefined : ruleLines(text, 'outbound', name);
  if (rule !== undefined) return { says: `Rule ${name ?? ''} came closest: ${linesText(rule)}.`, marks: [{ ...rule, tone: 'bad' }] };
  if (skip?.reason === 'no_matching_outbound')
    return { says: `No outbound rule here names ${workflow}.`, marks: sectionMark(text, 'outbound') };
  return { says: 'The file had no part in this.', marks: [] };
}

const sectionMark = (text: string, section: 'outbound' | 'inbound'): Mark[] => {
  const line = sectionLine(text, section);
  return line === undefined ? [] : [{ ...line, tone: 'bad' }];
};

/** The target's file, with the rule that lets the source in or came closest to it. */
export function targetSide(story: Story, target: Target): Side {
  const repository = `${target.owner}/${target.repo}`;
  const file = fileOf(story, repository);
  const add = additionOf(story, target, file);
  const side = { title: 'Target: whom it lets in', repository, file, add };
  if (file === undefined || file.missing === true) return { ...side, says: absentText(story, file), marks: [] };
  // The source is not told what stands in the target's file, so the detail says no line either.
  if (target.reason === 'target_config_invalid')
    return { ...side, says: 'It cannot be used as it is: waybill github lint tells why.', marks: [] };
  if (target.reason === 'inbound_not_authorized') {
    const marks = sectionMark(file.text, 'inbound');
    return { ...side, says: marks.length === 0 ? 'There is no inbound section here.' : 'No inbound rule here names this source.', marks };
  }
  return { ...side, ...inboundSide(story, target, file) };
}

function inboundSide(story: Story, target: Target, { text }: DecidedFile): Pick<Side, 'says' | 'marks'> {
  const name = INBOUND_RULE.exec(target.detail ?? '')?.[1];
  const closest = name === undefined ? undefined : ruleLines(text, 'inbound', name);
  if (closest !== undefined) {
    const lines = targetLines(text, closest, [[target.workflow]]);
    const marked = target.reason === 'inbound_condition_not_met' ? closest : lines;
    return { says: `Rule ${name ?? ''} came closest: ${linesText(marked)}.`, marks: [{ ...marked, tone: 'bad' }] };
  }
  const about = rulesAbout(text, 'inbound', [spelled(story.repository, target.owner), [story.workflow, '*'], [target.workflow]]);
  const [first] = about;
  if (target.verdict !== 'allowed' || first === undefined) return { says: 'What this file says did not decide it.', marks: [] };
  return { says: `It lets this source in: ${about.map(linesText).join(', ')}.`, marks: about.map((lines) => ({ ...lines, tone: 'good' })) };
}

function absentText({ files }: Story, file: DecidedFile | undefined): string {
  if (file !== undefined) return 'There was no dispatching.yml on its default branch, neither in the root nor in .github/.';
  return files === null
    ? 'What was read for this decision was not kept, or is no longer in the log.'
    : 'It was not read: this was decided before it mattered.';
}

const list = (key: string, value: string): string => `      ${key}: [${JSON.stringify(value)}]\n`;

/** What to add to the target's file so that it lets this source in; undefined where adding alone does not help. */
function additionOf({ repository, workflow, run }: Story, target: Target, file: DecidedFile | undefined): string | undefined {
  if (target.reason !== 'inbound_not_authorized' && target.reason !== 'target_config_missing') return undefined;
  const name = sameName(ownerOf(repository), target.owner) ? bareOf(repository) : repository;
  return [
    file !== undefined && hasRules(file.text, 'inbound') ? '' : 'inbound:\n',
    `  - source:\n      repository: ${name}\n      workflow: ${workflow}\n`,
    run.conclusion === null || run.conclusion === 'success' ? '' : list('conclusions', run.conclusion),
    run.branch === null ? '' : list('branches', run.branch),
    ['push', 'schedule', 'workflow_dispatch'].includes(run.event) ? '' : list('events', run.event),
    `    targets:\n      - workflow: ${target.workflow}\n`,
    target.ref === null ? '' : `        refs: [${JSON.stringify(target.ref)}]\n`,
  ].join('');
}
