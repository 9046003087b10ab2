import { pause, Progress } from '@waybill/bench';
import { killSchedule, type PlannedKill, TARGETS, type Target } from '../kill-schedule.ts';
import { mostRepeats } from '../kill-any.ts';
import { type Kill, killOnSchedule, notBackOf } from '../killing.ts';
import { finding } from '../proof.ts';
import { type DrillResult, resultOf } from '../result.ts';
import { type Rig, withRig } from '../rig.ts';
import { settle } from '../settle.ts';
import { makeDeadLetters, openDeadLetters, sickEndpoint } from './dead-letters.ts';
import { deadIn, plannedBy } from './in-log.ts';
import { commandJob, jobFindings, makeJob, pauseOnce, rateOf, type ShownJob, untilState } from './jobs.ts';

export interface RecoveryOptions {
  /** Dead letters, or events, that the job is about. */
  readonly count: number;
  readonly kills: number;
  readonly target?: Target | undefined;
  readonly ratePerSecond: number;
  readonly failingPercent: number;
  readonly seed: number;
  readonly dataDir?: string | undefined;
}

/** Events come in faster than in the rest of a drill when there are many to make: all within about this time. */
const FILL_SECONDS = 60;
const END_BUDGET_MS = 900_000;

/** A receiver is gone, its dead letters are redriven under load while processes are killed, and each is redriven once. */
export function redriveKill(options: RecoveryOptions): Promise<DrillResult> {
  return withRig(options, async (rig) => {
    const kills: Kill[] = [];
    const progress = new Progress(() => describe(rig, kills));
    try {
      const dead = await makeDeadLetters(rig, { ...options, fillRate: fillRate(options) });
      progress.say(`${dead} dead letters`);
      const schedule = scheduleFor(options);
      const filter = { tenantId: rig.wiring.tenant, endpointId: sickEndpoint(rig) };
      const job = await makeJob(rig, '/v1/dead-letters/redrive', { filter, ratePerSecond: jobRate(dead, schedule) });
      const ran = await runUnderKills(rig, job, { schedule, kills });
      const settled = await settle(rig, progress);
      const bound = mostRepeats(kills, rig.wiring.fanOut, options.ratePerSecond);
      const findings = [
        ...settled.findings,
        ...ran.findings,
        ...jobFindings(ran.job, dead),
        ...(await redrivenFindings(rig, job.id, dead)),
        ...finding(
          'more repeats than were in flight',
          settled.comparison.repeated > bound ? [`${settled.comparison.repeated} of ${bound}`] : [],
        ),
        ...notBackOf(kills),
      ];
      const figures = { deadLetters: dead, jobRatePerSecond: job.ratePerSecond, reachedPerSecond: rateOf(ran.job), mostRepeats: bound };
      return { ...resultOf('redrive-kill', rig, { ...settled, findings }), settings: settingsOf(options), ...figures, kills };
    } finally {
      progress.close();
    }
  });
}

export const fillRate = ({ count, ratePerSecond }: Pick<RecoveryOptions, 'count' | 'ratePerSecond'>): number =>
  Math.max(ratePerSecond, Math.ceil(count / FILL_SECONDS));

export const scheduleFor = ({ kills, seed, target }: RecoveryOptions): PlannedKill[] =>
  killSchedule(kills, seed, target === undefined ? TARGETS : [target]);

export const settingsOf = ({ count, kills, target, ratePerSecond, failingPercent, seed }: RecoveryOptions) => ({
  count,
  kills,
  ratePerSecond,
  failingPercent,
  seed,
  ...(target === undefined ? {} : { target }),
});

/** Seconds that a job takes beyond the last kill. */
const LONGER_SECONDS = 4;
const secondsOf = (schedule: readonly PlannedKill[]): number => schedule.reduce((sum, { waitMs }) => sum + waitMs, 0) / 1_000;

/** Deliveries a second, so that the job is still at work at the last kill. */
export const jobRate = (deliveries: number, schedule: readonly PlannedKill[]): number =>
  Math.max(1, Math.round(deliveries / (secondsOf(schedule) + LONGER_SECONDS)));

interface Kills {
  readonly schedule: readonly PlannedKill[];
  readonly kills: Kill[];
}

/** Starts a job, kills processes while it runs, lets it wait once on the way, and resolves when it is over. */
export async function runUnderKills(
  rig: Rig,
  { id }: ShownJob,
  { schedule, kills }: Kills,
): Promise<{ job: ShownJob; findings: string[] }> {
  await commandJob(rig, id, 'start');
  const paused = pause((secondsOf(schedule) * 1_000) / 3).then(() => pauseOnce(rig, id));
  const [findings] = await Promise.all([paused, killOnSchedule(rig, schedule, kills)]);
  const job = await untilState(rig, id, [], END_BUDGET_MS);
  return { job, findings };
}

/** Every dead letter was redriven by the job, each once, and none is open. */
export async function redrivenFindings(rig: Rig, jobId: string, dead: number): Promise<string[]> {
  const [planned, died] = [await plannedBy(rig.pipeline, jobId), await deadIn(rig.pipeline)];
  const open = await openDeadLetters(rig);
  return [
    ...finding(
      'dead letters that were not redriven',
      [...died].filter((id) => !planned.has(id)),
    ),
    ...finding(
      'redriven, and no dead letter',
      [...planned.keys()].filter((id) => !died.has(id)),
    ),
    ...finding(
      'redriven twice',
      [...planned].filter(([, times]) => times > 1).map(([id]) => id),
    ),
    ...finding('not as many as there were', died.size === dead ? [] : [`${died.size} in the LOG, ${dead} in the read models`]),
    ...finding('dead letters that are still open', open === 0 ? [] : [String(open)]),
  ];
}

export function describe({ receiver, sender }: Rig, kills: readonly Kill[]): string {
  const { accepted, started } = sender.counts;
  return `started ${started}, accepted ${accepted}, delivered ${receiver.counts().succeeded}; killed ${kills.map(({ target }) => target).join(' ')}`;
}
