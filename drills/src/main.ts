import { parseArgs } from 'node:util';
import { wholeNumber } from '@waybill/bench';
import { DEFAULT_JOB_RATE } from '@waybill/contracts';
import { alerts } from './alerts/alerts.ts';
import { diskFull } from './disk-full.ts';
import { killAny } from './kill-any.ts';
import { TARGETS } from './kill-schedule.ts';
import { CALENDAR_NAMES, gameday } from './gameday.ts';
import { natsFreeze } from './nats-freeze.ts';
import {
  githubDown,
  githubLimit,
  githubLoad,
  githubLost,
  githubRegionKill,
  githubReset,
  githubStorm,
  githubTokens,
} from './github/github-drills.ts';
import { hubLoss } from './regions/hub-loss.ts';
import { flappingLink, partition, slowLink } from './regions/partition.ts';
import { configRollback, plannedFailover, rollingRestart, spillover } from './regions/planned.ts';
import { regionKill, regionReturn } from './regions/region-kill.ts';
import { orderingKill } from './recovery/ordering-kill.ts';
import { rebuildKill } from './recovery/rebuild-kill.ts';
import { purgedStream } from './recovery/purged-stream.ts';
import { restoreKill } from './recovery/restore-kill.ts';
import { redriveKill } from './recovery/redrive-kill.ts';
import { redriveLoad } from './recovery/redrive-load.ts';
import { replayKill } from './recovery/replay-kill.ts';
import { type DrillResult, saveResult } from './result.ts';
import { streamFull } from './stream-full.ts';

const HELP = `npm run drill -- <drill> [options]

Starts a stack of its own, loads it, breaks something, and compares what was accepted with the LOG, the receiver and the read models.
Exit code 1 when an invariant does not hold; the offending ids are printed and the data folder stays.

  kill-any      kill -9 of random processes (ingress, planner, dispatcher, projector, nats-server) at random moments
  nats-freeze   nats-server stops answering for 5 s without ending
  stream-full   the LOG reaches its allowed size and is allowed more
  disk-full     the disk of nats-server is filled by somebody else (root only: it mounts a small file system)

  Two regions behind haproxy, with a hub of three servers:
  region-kill        kill -9 of a whole region; automatic failover; it comes back
  alerts             the same under a real Prometheus: exactly the alerts fire that should, when they should (11 minutes; --short: a minute)
  region-return      the same, watching that nothing arrives again after the return
  partition          a region's links swallow everything; partition-mute and partition-deaf: one direction only
  planned-failover   "waybill failover" of a healthy region, and "waybill activate"
  rolling-restart    every service of every region, one after the other
  spillover          a region gets more than it can do
  config-rollback    MULTI_REGION_ENABLED=false, and back
  hub-node-loss      one server of the hub is away for 20 s; hub-loss: all of them
  flapping-link      a link that comes and goes every 3 s
  slow-link          200 ms more for there and back

  Recovery (--count: dead letters, or events):
  redrive-kill   a receiver was gone; its dead letters are redriven while processes are killed
  replay-kill    a new endpoint is filled with what it would have got, while processes are killed
  redrive-load   100,000 dead letters are redriven beside live traffic: what a 202 takes without and with it
  rebuild-kill   kill -9 in a rebuild and in a verify; a database that is cut in half, and one that is deleted
  restore-kill   backup under load, a restore that is killed twice and run again, and a start on what it restored
  purged-stream  facts are removed before the read models have seen them
  ordering-kill  endpoints that ask for order, while processes are killed (at most 20 events a second)
  gameday        those of --calendar weekly, monthly or quarterly, one after the other (docs/runbooks/gameday.md)

  Workflow dispatches, with a GitHub of our own (--rate: runs a second, --cut: how long the fault lasts):
  github-load         nothing breaks; how long it takes
  github-down         every call is answered with 502
  github-limit        a secondary rate limit on one installation
  github-reset        answers are lost after the run was started
  github-tokens       tokens change their format and are revoked
  github-lost         webhooks are lost and asked for again
  github-storm        the five before, one after the other
  github-region-kill  a region dies between intent and answer

  --kills N       how many processes to kill                                   (20)
  --rate N        events a second                                              (200; runs and alerts: 20)
  --failing P     percentage of the deliveries that are refused once with 503  (10)
  --cut MS        how long a partition or a fault lasts                            (25000)
  --count N       how many dead letters or events a job, or a rebuild, is about    (5000; redrive-load: 100000)
  --job-rate N    how many dead letters a second redrive-load may redrive          (200)
  --target NAME   only this process is killed, in drills of recovery
  --seed N        seed of the random moments and targets                       (by the clock)
  --data DIR      keep the data there instead of in a temporary folder
  --out FILE      where to write the result instead of drills/results/<drill>.json
  --short         alerts: the rules' durations are a fifteenth
  --help          this text`;

const text = { type: 'string' } as const;
const OPTIONS = {
  kills: text,
  rate: text,
  failing: text,
  seed: text,
  data: text,
  out: text,
  cut: text,
  count: text,
  target: text,
  'job-rate': text,
  calendar: text,
  short: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

async function run(args: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  const [drill] = positionals;
  if (drill === undefined || values.help === true) return console.log(HELP);
  const shared = {
    ratePerSecond: wholeNumber('rate', values.rate ?? (drill.startsWith('github-') || drill === 'alerts' ? '20' : '200'), 1),
    failingPercent: wholeNumber('failing', values.failing ?? '10', 0),
    dataDir: values.data,
  };
  const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000), 0);
  const options = {
    ...shared,
    seed,
    kills: wholeNumber('kills', values.kills ?? '20', 1),
    cutMs: wholeNumber('cut', values.cut ?? '25000', 1),
    count: wholeNumber('count', values.count ?? (drill === 'redrive-load' ? '100000' : '5000'), 1),
    jobRate: wholeNumber('job-rate', values['job-rate'] ?? String(DEFAULT_JOB_RATE), 1),
    target: TARGETS.find((target) => target === values.target),
    short: values.short === true,
  };
  if (drill === 'gameday') return rehearse(values.calendar, options, values.out);
  return report(await resultFor(drill, options), values.out);
}

async function rehearse(wanted: string | undefined, options: AllOptions, out: string | undefined): Promise<void> {
  const calendar = CALENDAR_NAMES.find((name) => name === wanted);
  if (calendar === undefined) throw new Error(`say which calendar: --calendar ${CALENDAR_NAMES.join(' | ')}`);
  if (!(await gameday(calendar, (drill) => resultFor(drill, options), out))) process.exitCode = 1;
}

type AllOptions = Parameters<typeof killAny>[0] & Parameters<typeof redriveLoad>[0] & { readonly cutMs: number; readonly short: boolean };

const DRILLS: Readonly<Record<string, (options: AllOptions) => Promise<DrillResult | undefined>>> = {
  'kill-any': killAny,
  'nats-freeze': natsFreeze,
  'stream-full': streamFull,
  'disk-full': diskFull,
  'region-kill': regionKill,
  alerts,
  'region-return': regionReturn,
  partition: (options) => partition('cut', options),
  'partition-mute': (options) => partition('mute', options),
  'partition-deaf': (options) => partition('deaf', options),
  'planned-failover': plannedFailover,
  'rolling-restart': rollingRestart,
  spillover,
  'config-rollback': configRollback,
  'hub-node-loss': (options) => hubLoss('node', options),
  'hub-loss': (options) => hubLoss('hub', options),
  'flapping-link': flappingLink,
  'slow-link': slowLink,
  'ordering-kill': orderingKill,
  'rebuild-kill': rebuildKill,
  'purged-stream': purgedStream,
  'restore-kill': restoreKill,
  'redrive-kill': redriveKill,
  'redrive-load': redriveLoad,
  'replay-kill': replayKill,
  'github-load': githubLoad,
  'github-down': githubDown,
  'github-limit': githubLimit,
  'github-reset': githubReset,
  'github-tokens': githubTokens,
  'github-lost': githubLost,
  'github-storm': githubStorm,
  'github-region-kill': githubRegionKill,
};

function resultFor(drill: string, options: AllOptions): Promise<DrillResult | undefined> {
  const script = DRILLS[drill];
  if (script === undefined) throw new Error(`there is no drill "${drill}"; see --help`);
  return script(options);
}

function report(result: DrillResult | undefined, out: string | undefined): void {
  if (result === undefined) return console.log('SKIPPED');
  console.log(JSON.stringify(result, null, 2));
  for (const line of result.findings) console.log(`BROKEN  ${line}`);
  console.log(result.findings.length === 0 ? 'all invariants hold' : `${result.findings.length} findings`);
  console.log(`result in ${saveResult(result, out)}`);
  if (result.findings.length > 0) process.exitCode = 1;
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error(`drill: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 2;
}
