import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalStack, Pipeline, Progress, type RunningRegion, startStack } from '@waybill/bench';
import { GithubFake } from '@waybill/github-fake';
import { populate } from './github-world.ts';
import { RunLoad } from './run-load.ts';
import { type Undo, withDataDir } from '../with-data-dir.ts';

export interface GithubRigOptions {
  readonly ratePerSecond: number;
  readonly regions: readonly string[];
  readonly owners: readonly string[];
  readonly dataDir?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/** A stack whose GitHub is in this process, and runs that end in it at a steady rate. */
export interface GithubRig {
  readonly fake: GithubFake;
  readonly stack: LocalStack;
  readonly load: RunLoad;
  readonly progress: Progress;
  readonly regions: readonly string[];
  region(id: string): RunningRegion;
  /** Webhooks go to this region from now on. */
  sendTo(id: string): void;
  killRegion(id: string): void;
  reviveRegion(id: string): void;
  connect(id: string): Promise<Pipeline>;
}

/** A real installation gets one write a second; here they are as many as the load needs, and checks and issues are left out. */
const ENV = {
  GITHUB_WRITES_PER_SECOND: '100',
  MAX_DISPATCHES_PER_EDGE: '100000',
  GITHUB_RECONCILE_SECONDS: '10',
  GITHUB_TIMEOUT_MS: '3000',
  GITHUB_SWEEP_SECONDS: '5',
  GITHUB_REDELIVERIES_PER_SECOND: '50',
  GITHUB_FRESH_SECONDS: '15',
  CREATE_ISSUES: 'false',
  CREATE_CHECKS: 'false',
  RETRY_BASE_DELAY_MS: '1000',
  FAILOVER_ENABLED: 'true',
  RECOVERY_STEP_SECONDS: '2',
  ALLOWED_OWNERS: '*',
};

/** Starts a rig, runs `drill` on it and takes everything down again. */
export function withGithub<Result extends { readonly findings: readonly string[] }>(
  options: GithubRigOptions,
  drill: (rig: GithubRig) => Promise<Result>,
): Promise<Result> {
  return withDataDir(options.dataDir, (dataDir, undo) => assemble(options, dataDir, undo), drill);
}

async function assemble(options: GithubRigOptions, dataDir: string, undo: Undo): Promise<GithubRig> {
  const { regions, owners, ratePerSecond } = options;
  const fake = await GithubFake.start();
  undo.push(() => fake.close());
  populate(fake, owners);
  const failover = regions.length === 1 ? { FAILOVER_ENABLED: 'false' } : {};
  const stack = await startStack({ dataDir, regions, env: { ...ENV, ...failover, ...options.env, ...appOf(fake) } });
  undo.push(() => stack.stop());
  const region = (id: string): RunningRegion => regionOf(stack, id);
  const sendTo = (id: string): void => {
    fake.hookUrl = `${region(id).url}/webhooks/github`;
  };
  sendTo(regions[0] ?? '');
  const load = new RunLoad(fake, owners, ratePerSecond);
  undo.push(() => load.stop());
  const progress = new Progress(() => `runs ended ${load.sent.length}, dispatches that happened ${fake.ledger.dispatches.length}`);
  undo.push(() => progress.close());
  return {
    fake,
    stack,
    load,
    progress,
    regions,
    region,
    sendTo,
    killRegion: (id) => {
      writeFileSync(join(dataDir, `${id}.held`), '');
      for (const pid of Object.values(region(id).pids)) process.kill(pid, 'SIGKILL');
    },
    reviveRegion: (id) => unlinkSync(join(dataDir, `${id}.held`)),
    connect: (id) => Pipeline.connect(region(id)),
  };
}

const appOf = ({ app, url }: GithubFake): Record<string, string> => ({
  GITHUB_APP_ID: app.id,
  GITHUB_APP_SLUG: app.slug,
  GITHUB_APP_PRIVATE_KEY: app.privateKey,
  GITHUB_WEBHOOK_SECRET: app.webhookSecret,
  GITHUB_API_URL: url,
});

function regionOf(stack: LocalStack, id: string): RunningRegion {
  const found = stack.state().regions.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no region ${id}`);
  return found;
}
