import { commitOf, machine, monotonicMs, pause, REPOSITORY } from '@waybill/bench';
import { pinnedRegion } from '@waybill/contracts';
import type { DrillResult } from '../result.ts';
import { finding } from '../proof.ts';
import { type GithubRig, type GithubRigOptions, withGithub } from './github-rig.ts';
import { endRun, latencies, populateWide } from './github-world.ts';
import { type GithubAllowance, settleGithub } from './settle-github.ts';

export interface GithubDrillOptions {
  readonly ratePerSecond: number;
  readonly dataDir?: string | undefined;
  /** How long the fault lasts. */
  readonly cutMs: number;
}

interface Observed {
  readonly figures: Readonly<Record<string, unknown>>;
  readonly findings?: readonly string[];
  readonly allowed?: GithubAllowance;
}

/** What goes wrong for a while, on one region. */
type Fault = (rig: GithubRig, options: GithubDrillOptions) => Promise<Observed>;

interface Script {
  readonly name: string;
  readonly rig: GithubRigOptions;
  readonly script: (rig: GithubRig) => Promise<Observed>;
}

const ONE = ['us-central1'];
const TWO = ['us-central1', 'europe-west1'];
const OWNERS = ['north', 'south', 'east', 'west'];
const WARM_UP_MS = 3_000;
const FAILOVER_BUDGET_MS = 45_000;
const NONE: GithubAllowance = { failed: 0 };
const ALWAYS = 0;
const WIDE = 100;

async function run({ name, rig: options, script }: Script): Promise<DrillResult> {
  return withGithub(options, async (rig) => {
    await pause(WARM_UP_MS);
    const observed = await script(rig);
    await pause(WARM_UP_MS);
    const settled = await settleGithub(rig, observed.allowed ?? NONE);
    const pipeline = await rig.connect(rig.regions[0] ?? '');
    const natsVersion = pipeline.natsVersion;
    await pipeline.close();
    return {
      drill: name,
      date: new Date().toISOString(),
      commit: commitOf(REPOSITORY),
      machine: machine(natsVersion),
      sent: { runs: rig.load.sent.length, ratePerSecond: options.ratePerSecond, owners: options.owners.length },
      found: settled.figures,
      ...observed.figures,
      findings: [...(observed.findings ?? []), ...settled.findings],
    };
  });
}

const oneRegion = ({ ratePerSecond, dataDir }: GithubDrillOptions, owners = OWNERS): GithubRigOptions => ({
  ratePerSecond,
  dataDir,
  regions: ONE,
  owners,
});

/** Nothing breaks: how long it takes from the end of a run to the starts that it leads to, and to the decision about a run with 100 targets. */
export const githubLoad = (options: GithubDrillOptions): Promise<DrillResult> =>
  run({
    name: 'github-load',
    rig: { ...oneRegion(options), env: { MAX_TARGETS_PER_RUN: '100' } },
    script: async ({ fake, load, progress }) => {
      await pause(options.cutMs);
      load.stop();
      await pause(WARM_UP_MS);
      const waits = latencies(fake, load.sent);
      const percentile = (share: number): number | undefined => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))];
      progress.say('one run with 100 targets');
      populateWide(fake, 'wide', WIDE);
      const started = (): number => fake.ledger.dispatches.filter(({ owner }) => owner === 'wide').length;
      const { atMs } = endRun(fake, 'wide');
      while (started() === 0 && Date.now() - atMs < FAILOVER_BUDGET_MS) await pause(5);
      const firstAfterMs = Date.now() - atMs;
      while (started() < WIDE && Date.now() - atMs < FAILOVER_BUDGET_MS) await pause(20);
      return {
        figures: {
          endToStartMs: { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) },
          wide: { targets: WIDE, started: started(), firstStartAfterMs: firstAfterMs, allStartedAfterMs: Date.now() - atMs },
        },
        findings: finding('targets of the wide run that were not started', started() === WIDE ? [] : [`${WIDE - started()}`]),
      };
    },
  });

/** Every call of GitHub is answered with 502 for a while; now and then a dispatch has taken effect all the same. */
const down: Fault = async ({ fake, load, progress }, { cutMs }) => {
  progress.say(`502 for ${cutMs} ms`);
  const before = fake.ledger.calls.length;
  fake.faults.add({ route: 'dispatch', kind: '502-after', times: 5 });
  fake.faults.add({ route: '*', kind: '502-before', times: ALWAYS });
  const duringFrom = load.sent.length;
  await pause(cutMs);
  fake.faults.clear();
  const calls = fake.ledger.calls.length - before;
  // A dispatch whose answer was lost, and of which no run is found, is a person's decision: that is its end, once each.
  return {
    figures: { runsMeanwhile: load.sent.length - duringFrom, callsMeanwhile: calls },
    allowed: { failed: OWNERS.length * 2 + 10 },
  };
};

/** GitHub tells one installation to slow down; the others must not notice. */
const limit: Fault = async ({ fake, progress }, { cutMs, ratePerSecond }) => {
  const [limited = ''] = OWNERS;
  progress.say(`${limited} is limited for ${cutMs} ms`);
  fake.faults.add({ route: 'dispatch', owner: limited, kind: 'secondary-limit', times: 1, retryAfterSeconds: cutMs / 1_000 });
  const startedBefore = fake.ledger.dispatches.length;
  await pause(cutMs - 1_000);
  const meanwhile = fake.ledger.dispatches.slice(startedBefore);
  const perOwner = Object.fromEntries(OWNERS.map((owner) => [owner, meanwhile.filter((one) => one.owner === owner).length]));
  const others = OWNERS.filter((owner) => owner !== limited);
  const expected = (cutMs / 1_000 - 1) * (ratePerSecond / OWNERS.length) * 2;
  const heldUp = others.filter((owner) => (perOwner[owner] ?? 0) < expected / 2);
  return { figures: { startedMeanwhile: perOwner }, findings: finding('held up by the limit of another installation', heldUp) };
};

/** The answer to some dispatches is lost after the run was started: the connection resets, or nothing is answered at all. */
const reset: Fault = async ({ fake, progress }, { cutMs }) => {
  progress.say('resets, 502 and silence after the effect');
  const untilMs = monotonicMs() + cutMs;
  for (let index = 0; monotonicMs() < untilMs; index += 1) {
    fake.faults.add({ route: 'dispatch', kind: (['reset-after', '502-after', 'hang-after'] as const)[index % 3] ?? 'reset-after' });
    await pause(500);
  }
  return { figures: {} };
};

/** Installation tokens change their format and the old ones stop working. */
const tokens: Fault = async ({ fake, progress }, { cutMs }) => {
  for (const format of ['jwt', 'short', 'jwt'] as const) {
    progress.say(`tokens are ${format} now`);
    fake.tokens.format = format;
    fake.tokens.revokeAll();
    await pause(cutMs / 3);
  }
  return { figures: {} };
};

/** Webhooks are lost for a while; the delivery list is read back and what is missing asked for again. */
const lost: Fault = async ({ fake, load, progress }, { cutMs }) => {
  progress.say(`webhooks are lost for ${cutMs} ms`);
  const from = load.sent.length;
  fake.hooks.fault = 'lost';
  await pause(cutMs);
  fake.hooks.fault = undefined;
  const missed = load.sent.length - from;
  load.stop();
  return { figures: { lost: missed } };
};

/** A region is killed while its calls are under way, between intent and answer; the other takes over and looks before it calls. */
export const githubRegionKill = (options: GithubDrillOptions): Promise<DrillResult> => {
  const [first = '', second = ''] = TWO;
  // Installations whose turn it is in the region that dies.
  const owners = ['north', 'south', 'east', 'west', 'up', 'down', 'left', 'right']
    .filter((owner) => pinnedRegion(owner, TWO) === first)
    .slice(0, 3);
  return run({
    name: 'github-region-kill',
    rig: { ratePerSecond: options.ratePerSecond, dataDir: options.dataDir, regions: TWO, owners },
    script: async (rig) => {
      const { fake, progress } = rig;
      rig.sendTo(second);
      await pause(WARM_UP_MS);
      // Half of the calls take effect and are never answered, so that intents are open when the region dies.
      fake.faults.add({ route: 'dispatch', kind: 'hang-after', times: 3 });
      fake.faults.add({ route: 'dispatch', kind: 'hang', times: 3 });
      await pause(500);
      progress.say(`kill -9 of ${first}`);
      rig.killRegion(first);
      const startedBefore = fake.ledger.dispatches.length;
      const killedMs = monotonicMs();
      while (fake.ledger.dispatches.length === startedBefore && monotonicMs() - killedMs < FAILOVER_BUDGET_MS) await pause(100);
      const goesOnAfterMs = Math.round(monotonicMs() - killedMs);
      progress.say(`the other region dispatches after ${goesOnAfterMs} ms`);
      await pause(options.cutMs);
      rig.reviveRegion(first);
      await pause(15_000);
      return {
        figures: { goesOnAfterMs },
        findings: finding('not taken over', goesOnAfterMs < FAILOVER_BUDGET_MS ? [] : [`within ${FAILOVER_BUDGET_MS} ms`]),
        // Calls that hung and had no effect: no run is found for them, and nobody calls again.
        allowed: { failed: 3 },
      };
    },
  });
};

const drill =
  (name: string, fault: Fault) =>
  (options: GithubDrillOptions): Promise<DrillResult> =>
    run({ name, rig: oneRegion(options), script: (rig) => fault(rig, options) });

/** All that goes wrong on one region, one after the other, each for as long as asked. */
const storm: Fault = async (rig, options) => {
  const figures: Record<string, unknown> = {};
  const findings: string[] = [];
  let failed = 0;
  for (const [name, fault] of Object.entries({ tokens, limit, reset, down, lost })) {
    const seen = await fault(rig, options);
    figures[name] = seen.figures;
    findings.push(...(seen.findings ?? []));
    failed += seen.allowed?.failed ?? 0;
    await pause(WARM_UP_MS);
  }
  return { figures, findings, allowed: { failed } };
};

export const githubDown = drill('github-down', down);
export const githubLimit = drill('github-limit', limit);
export const githubReset = drill('github-reset', reset);
export const githubTokens = drill('github-tokens', tokens);
export const githubLost = drill('github-lost', lost);
export const githubStorm = drill('github-storm', storm);
