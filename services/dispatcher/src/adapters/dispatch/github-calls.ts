import { isWaybillError, type Pause } from '@waybill/contracts';
import { decideAgain, type DispatchPolicy, pauseFor } from '@waybill/dispatching';
import { type GithubApp, GithubRefused } from '@waybill/github';
import type { GithubCalls, NoAnswer } from '../../application/dispatch/dispatch-ports.ts';

export interface GithubCallsParts {
  readonly app: Pick<GithubApp, 'dispatch' | 'runsOf' | 'botLogin' | 'repository' | 'dispatchingFile'>;
  readonly policy: DispatchPolicy;
  readonly pauses: () => readonly Pause[];
}

/** When GitHub says "slow down" without saying how long. */
const LIMITED_MS = 60_000;

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

/** Also for what nobody foresaw: nothing was sent, and it is tried again. */
function noAnswer(error: unknown): NoAnswer {
  const detail = error instanceof Error ? error.message : String(error);
  if (!isWaybillError(error) || error.code !== 'WB_GITHUB_LIMITED') return { kind: 'away', detail };
  const { retryAfterMs } = error.extra;
  return { kind: 'limited', detail, retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : LIMITED_MS };
}
