import { type GithubRun, type Pause, workflowFileOf } from '@waybill/contracts';
import type { PauseAsked } from './ports.ts';

/** The source run as pauses are compared with it. `region` took it in. */
interface PauseSource {
  readonly run: Pick<GithubRun, 'repository' | 'path'>;
  readonly region: string;
}

/** The first pause whose members all fit; one without any fits everything. Names are compared without regard to case. Pure. */
export function pauseFor(pauses: readonly Pause[], { run, region }: PauseSource, target: PauseAsked): Pause | undefined {
  const facts: [name: keyof Pause, value: string][] = [
    ['owner', target.owner],
    ['repository', `${target.owner}/${target.repo}`],
    ['workflow', target.workflow],
    ['sourceRepository', `${run.repository.owner}/${run.repository.name}`],
    ['sourceWorkflow', workflowFileOf(run.path) ?? run.path],
    ['region', region],
  ];
  return pauses.find((pause) =>
    facts.every(([name, value]) => pause[name] === undefined || pause[name].toLowerCase() === value.toLowerCase()),
  );
}
