export type { DispatchAnswer, HookDelivery, ListedRun } from './answers.ts';
export type { GithubConfig } from './config/github-config.ts';
export { githubConfigOf } from './config/github-environment.ts';
export { type CheckRun, type GithubApp, GithubRefused, type InRepository, type Issue } from './github-app.ts';
export { type GithubAppOptions, openGithubApp } from './open-github-app.ts';
