import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { DispatchPolicy, OfflineRepository, RunDecision } from '@waybill/dispatching';
import { type GithubRun, githubRunSchema, RUN_COMPLETED_TYPE } from '@waybill/contracts';
import { print } from '../terminal/print.ts';
import { readInput } from '../terminal/read-input.ts';
import { wholeNumberIn } from './options.ts';

interface ExplainOptions {
  readonly repository: readonly string[];
  readonly defaultRef?: string;
  readonly maxTargets: number;
  readonly host: string;
  readonly json?: boolean;
}

const REPOSITORY = /^([^/=@\s]+\/[^/=@\s]+)(?:@([^=\s]+))?=(.+)$/;

/** `waybill github explain`: what a finished run would lead to, decided by the planner's own functions from files at hand. */
export function addGithubExplain(parent: Command): void {
  parent
    .command('explain')
    .description('say what a finished run would start, and why not, from files alone: nobody is asked')
    .argument(
      '<run>',
      'JSON file, or - for stdin: the body of a workflow_run webhook, or an event of such a run as "waybill event <id> --json" prints it',
    )
    .requiredOption(
      '--repository <owner/name[@branch]=path...>',
      'a dispatching.yml, or a checkout that has one; the branch is the default branch (main). Once for the source and once for each target',
    )
    .option('--default-ref <ref>', 'DEFAULT_DISPATCH_REF of the deployment')
    .option('--max-targets <n>', 'MAX_TARGETS_PER_RUN of the deployment', wholeNumberIn(1, 10_000), 25)
    .option('--host <name>', 'host that the run is from', 'github.com')
    .option('--json', 'print the decision as JSON')
    .addHelpText(
      'after',
      '\nA repository that is not given counts as one without the App. Owners, allow lists, pauses, chains and rates are not looked at.' +
        '\n\nExample:\n  waybill github explain run.json --repository acme/web=./web --repository acme/deploy@trunk=./deploy/dispatching.yml',
    )
    .action(explain);
}

async function explain(path: string, options: ExplainOptions): Promise<void> {
  const { decideRun, offlineReads, readWorkflowRun } = await import('@waybill/dispatching');
  const repositories = Object.fromEntries(options.repository.map(repositoryAt));
  const body = await readInput(path);
  const run = readWorkflowRun(body, options.host)?.run ?? runOfEvent(path, body);
  const decision = await decideRun(run, {
    policy: policyOf(options),
    github: offlineReads(run, repositories),
    newChainId: () => 'a-new-chain',
    chainOf: () => ({ kind: 'root' }),
    edgeCount: () => 0,
    pauseFor: () => undefined,
    isRepeat: () => false,
  });
  if (options.json === true) return print(JSON.stringify(decision, null, 2));
  for (const line of linesOf(run, decision)) print(line);
  for (const name of lackingOf(run, decision, Object.keys(repositories)))
    print(`  no --repository is given for ${name}, so it counts as one without the App`);
}

const eventSchema = z.union([githubRunSchema, z.object({ data: githubRunSchema }).transform(({ data }) => data)]);

function runOfEvent(path: string, body: string): GithubRun {
  const { data } = eventSchema.safeParse(jsonOf(path, body));
  if (data !== undefined) return data;
  throw new Error(
    `${path} is no finished run: give the body of a workflow_run webhook whose action is completed, or what "waybill event <id> --json" prints of a ${RUN_COMPLETED_TYPE} event`,
  );
}

function jsonOf(path: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new Error(`${path} is not JSON`, { cause });
  }
}

function repositoryAt(given: string): [string, OfflineRepository] {
  const [, name, defaultBranch, path] = REPOSITORY.exec(given) ?? [];
  if (name === undefined || path === undefined) throw new Error(`--repository ${given}: use owner/name=path, or owner/name@branch=path`);
  if (!existsSync(path)) throw new Error(`--repository ${name}: there is no ${path}`);
  if (!statSync(path).isDirectory()) return [name, { defaultBranch, files: { 'dispatching.yml': readFileSync(path, 'utf8') } }];
  const found = ['dispatching.yml', '.github/dispatching.yml'].filter((file) => existsSync(join(path, file)));
  return [name, { defaultBranch, files: Object.fromEntries(found.map((file) => [file, readFileSync(join(path, file), 'utf8')])) }];
}

const policyOf = ({ maxTargets, defaultRef }: ExplainOptions): DispatchPolicy => ({
  allowedOwners: 'any',
  conclusions: new Set(['success']),
  maxTargets,
  maxChainDepth: Number.POSITIVE_INFINITY,
  edgeLimit: Number.POSITIVE_INFINITY,
  maxInputs: 25,
  defaultRef,
});

/** Repositories that a decision without them says nothing about: nobody was asked whether the App is installed there. */
function lackingOf({ repository }: GithubRun, decision: RunDecision, given: readonly string[]): string[] {
  const targets =
    decision.kind === 'later'
      ? []
      : decision.targets.filter(({ outcome }) => outcome.kind === 'denied' && outcome.denial.reason === 'target_not_installed');
  const names = [`${repository.owner}/${repository.name}`, ...targets.map(({ owner, repo }) => `${owner}/${repo}`)].map((name) =>
    name.toLowerCase(),
  );
  const known = new Set(given.map((name) => name.toLowerCase()));
  return [...new Set(names)].filter((name) => !known.has(name));
}

function linesOf(run: GithubRun, decision: RunDecision): string[] {
  const head = `${run.repository.owner}/${run.repository.name} ${run.path}, run ${run.id}: ${run.conclusion ?? 'no conclusion'}, ${run.event} on ${run.headBranch ?? 'no branch'}`;
  if (decision.kind === 'later') return [head, `  cannot be told yet: ${decision.reason}`];
  const { skip, warnings, targets } = decision;
  return [
    head,
    ...warnings.map((warning) => `  warning: ${warning}`),
    ...(skip === undefined ? [] : [`  nothing is dispatched: ${skip.reason}`, `      ${skip.detail}`]),
    ...targets.flatMap(({ owner, repo, workflow, ref, rule, outcome }) => [
      `  → ${owner}/${repo} ${workflow}${ref === undefined ? '' : ` on ${ref}`}   (${rule})`,
      outcome.kind === 'denied'
        ? `      denied  ${outcome.denial.reason}: ${outcome.denial.detail}`
        : `      allowed ${Object.entries(outcome.dispatch.inputs)
            .map(([name, value]) => `${name}=${value}`)
            .join(' ')}`.trimEnd(),
    ]),
  ];
}
