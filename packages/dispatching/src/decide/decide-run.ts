import type { DispatchTarget, GithubRun } from '@waybill/contracts';
import type { Denial, RunDecision } from './decision.ts';
import type { DecidePorts } from './ports.ts';

/** Decides what a finished run leads to: github.md 3.2, 3.4 and 3.6. Rejects only when GitHub cannot be asked. */
export function decideRun(_run: GithubRun, _ports: DecidePorts): Promise<RunDecision> {
  return Promise.reject(new Error('not built yet'));
}

/** Decides anew about one dispatch that was allowed before, by what the target's file says now; undefined when it is still allowed. */
export function decideAgain(
  _run: GithubRun,
  _target: DispatchTarget,
  _ports: Pick<DecidePorts, 'policy' | 'github' | 'pauseFor'>,
): Promise<Denial | undefined> {
  return Promise.reject(new Error('not built yet'));
}
