import type { Logger } from '@waybill/runtime';
import { askBotLogin, listHookDeliveries, redeliverHook } from './act/app-hooks.ts';
import { Checks } from './act/checks.ts';
import { Issues } from './act/issues.ts';
import { listRuns } from './act/runs.ts';
import { WorkflowDispatches } from './act/workflow-dispatches.ts';
import { Asking } from './call/asking.ts';
import { Calls } from './call/calls.ts';
import { FreshCache } from './call/fresh-cache.ts';
import { InstallationTokens } from './call/installation-tokens.ts';
import { Lanes } from './call/lanes.ts';
import type { GithubConfig } from './config/github-config.ts';
import type { GithubApp } from './github-app.ts';
import { DispatchingFiles } from './read/dispatching-files.ts';
import { ReadScope } from './read/read-scope.ts';
import { Repositories } from './read/repositories.ts';

export interface GithubAppOptions {
  readonly config: GithubConfig;
  /** Told when GitHub asks to slow down. */
  readonly logger?: Logger | undefined;
  readonly nowMs?: (() => number) | undefined;
}

/** Opens what Waybill asks of GitHub as this App. No call is made before the first question. */
export function openGithubApp({ config, logger, nowMs = Date.now }: GithubAppOptions): GithubApp {
  const { freshMs, appId, appSlug, apiVersion } = config;
  const calls = new Calls(config);
  const tokens = new InstallationTokens(calls, nowMs);
  const lanes = new Lanes({ width: config.readsInFlight, nowMs, logger });
  const asking = new Asking({ calls, tokens, lanes, nowMs });
  const scope = new ReadScope();
  const repositories = new Repositories({ asking, scope, freshMs, nowMs });
  const moved = (owner: string, name: string): void => repositories.forget(owner, name);
  const files = new DispatchingFiles({ asking, scope, freshMs, nowMs, moved });
  const dispatches = new WorkflowDispatches({ calls, tokens, lanes, apiVersion });
  const logins = new FreshCache<string>(Number.POSITIVE_INFINITY, 1, nowMs);
  const botLogin = (): Promise<string> => logins.get('', async () => (appSlug === undefined ? askBotLogin(asking) : `${appSlug}[bot]`));
  const checks = new Checks(asking, appId);
  const issues = new Issues(asking, botLogin);
  return {
    host: config.host,
    botLogin,
    repository: (owner, name) => repositories.find(owner, name),
    dispatchingFile: (repository, look = { andShadowed: false }) => files.read(repository, look),
    dispatch: (target, signal) => dispatches.start(target, signal),
    runsOf: (target, sinceMs) => listRuns(asking, target, sinceMs),
    findCheckRun: (place, headSha, externalId) => checks.find(place, headSha, externalId),
    createCheckRun: (place, check) => checks.create(place, check),
    updateCheckRun: (place, id, check) => checks.update(place, id, check),
    findIssue: (place, marker) => issues.find(place, marker),
    createIssue: (place, issue) => issues.create(place, issue),
    updateIssue: (place, number, issue) => issues.update(place, number, issue),
    hookDeliveries: (cursor) => listHookDeliveries(asking, cursor),
    redeliver: (deliveryId) => redeliverHook(asking, deliveryId),
    close: () => calls.close(),
  };
}
