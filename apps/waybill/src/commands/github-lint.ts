import type { Command } from 'commander';
import type { DispatchingFile, FileProblem, FileReading } from '@waybill/dispatching';
import { print } from '../terminal/print.ts';
import { readInput } from '../terminal/read-input.ts';

/** `waybill github lint`: says what a dispatching.yml means, or everything that is wrong with it. Asks nobody. */
export function addGithubLint(parent: Command): void {
  parent
    .command('lint')
    .description('check a dispatching.yml as the planner does, without asking GitHub; exit code 1 when something is wrong')
    .argument('<file>', 'the file, or - for stdin')
    .option('--json', 'print what was read, or the problems, as JSON')
    .action(async (path: string, { json }: { json?: boolean }) => {
      const { readDispatchingFile } = await import('@waybill/dispatching');
      const reading = readDispatchingFile(await readInput(path));
      if (reading.kind === 'invalid') process.exitCode = 1;
      if (json === true) return print(JSON.stringify(reading, null, 2));
      for (const line of linesOf(reading)) print(line);
    });
}

function linesOf(reading: FileReading): string[] {
  if (reading.kind === 'valid')
    return [...meaningOf(reading.file), ...(reading.warnings ?? []).map((warning) => `warning: ${lineOf(warning)}`)];
  const { problems } = reading;
  return [...problems.map(lineOf), '', problems.length === 1 ? '1 problem' : `${problems.length} problems`];
}

const lineOf = ({ path, line, message }: FileProblem): string =>
  [line === undefined ? '' : `line ${line}`, path, message].filter((part) => part !== '').join(': ');

const list = (values: readonly string[] | undefined, unset: string): string => values?.join(', ') ?? unset;

function meaningOf({ outbound, inbound }: DispatchingFile): string[] {
  if (outbound.length + inbound.length === 0) return ['no rules: nothing is sent from here, and nothing is taken in'];
  return [
    ...outbound.flatMap(({ name, source, targets }) => [
      `${name}: when ${source.workflows.join(' or ')} ends with ${list(source.conclusions, 'success')} on ${list(source.branches, 'the default branch')}` +
        (source.events === undefined ? '' : `, started by ${source.events.join(' or ')}`),
      ...targets.map(
        ({ owner, repo, workflow, ref, inputs, enabled }) =>
          `  → ${owner === undefined ? '' : `${owner}/`}${repo} ${workflow}${ref === undefined ? '' : ` on ${ref}`}` +
          `${Object.keys(inputs).length === 0 ? '' : ` with ${Object.keys(inputs).join(', ')}`}${enabled ? '' : '   (disabled)'}`,
      ),
    ]),
    ...inbound.flatMap(({ name, source, targets }) => [
      `${name}: lets ${source.workflows.join(' or ')} of ${source.owner === undefined ? '' : `${source.owner}/`}${source.repo}` +
        ` (${list(source.conclusions, 'success')}, ${list(source.branches, 'its default branch')}) start`,
      ...targets.map(
        ({ workflow, refs, acceptInputs }) =>
          `  ← ${workflow} on ${list(refs, 'the default ref')}, inputs: ${acceptInputs.join(', ') || 'none'}`,
      ),
    ]),
  ];
}
