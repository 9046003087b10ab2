import type { Command } from 'commander';
import { addGithubDemo } from './github-demo.ts';
import { addGithubExplain } from './github-explain.ts';
import { addGithubLint } from './github-lint.ts';

/** `waybill github`: what concerns workflow dispatches. */
export function githubCommand(program: Command): void {
  const github = program.command('github').description('workflow dispatches: try them, check a dispatching.yml, explain a decision');
  addGithubDemo(github);
  addGithubLint(github);
  addGithubExplain(github);
}
