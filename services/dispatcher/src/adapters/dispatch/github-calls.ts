import type { Pause } from '@waybill/contracts';
import { decideAgain, type DispatchPolicy, pauseFor } from '@waybill/dispatching';
import { type GithubApp, GithubRefused } from '@waybill/github';
import type { GithubCalls } from '../../application/dispatch/dispatch-ports.ts';
import { noAnswer } from '../../application/dispatch/no-answer.ts';

export interface GithubCallsParts {
  readonly app: Pick<GithubApp, 'dispatch' | 'runsOf' | 'botLogin' | 'repository' | 'dispatchingFile'>;
  readonly policy: DispatchPolicy;
  readonly pauses: () => readonly Pause[];
}

/** Asks GitHub as this App. */
export function githubCalls({ app, policy, pauses }: GithubCallsParts): GithubCalls {
  return {
    start: (target, signal) => app.dispatch(target, signal),
    runsOf: async (target, sinceMs) => {
      try {
        const [bot, runs] = await Promise.all([app.botLogin(), app.runsOf(target, sinceMs)]);
        return { kind: 'listed', runs: runs.filter(({ actor }) => actor?.toLowerCase() === bot.toLowerCase()) };
      } catch (error) {
        if (error instanceof GithubRefused) return { kind: 'refused', status: error.status, detail: error.message };
        return noAnswer(error);
      }
    },
    consent: async ({ run, acceptedIn }, target) => {
      try {
        const isPaused: Parameters<typeof decideAgain>[2]['pauseFor'] = (of, asked) =>
          pauseFor(pauses(), { run: of, region: acceptedIn }, asked);
        const denial = await decideAgain(run, target, { policy, github: app, pauseFor: isPaused });
        return denial === undefined ? { kind: 'given' } : { kind: 'denied', denial };
      } catch (error) {
        return noAnswer(error);
      }
    },
  };
}
