export type { DispatchAnswer, HookDelivery, ListedRun } from './answers.ts';
export { type CheckRun, type GithubApp, GithubRefused, type InRepository, type Issue } from './github-app.ts';
export type { GithubConfig } from './github-config.ts';
