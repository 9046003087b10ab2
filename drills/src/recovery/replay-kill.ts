import { join } from 'node:path';
import { monotonicMs, pause, Progress, readRecords, REFUSED_FLAG } from '@waybill/bench';
import { z } from 'zod';
import { mostRepeats } from '../kill-any.ts';
import { type Kill, notBackOf } from '../killing.ts';
import { finding } from '../proof.ts';
import { type DrillResult, resultOf } from '../result.ts';
import { type Rig, withRig } from '../rig.ts';
import { settle } from '../settle.ts';
import { ask, wanted } from './ask.ts';
import { plannedBy } from './in-log.ts';
import { jobFindings, makeJob, rateOf } from './jobs.ts';
import { describe, fillRate, jobRate, type RecoveryOptions, runUnderKills, scheduleFor, settingsOf } from './redrive-kill.ts';

/** Number of the endpoint that is filled, beyond those that the rig has. */
const NEW = 7;
const FILL_BUDGET_MS = 900_000;
const POLL_MS = 50;

/** A new endpoint is filled with what it would have got, under load, while processes are killed. */
export function replayKill(options: RecoveryOptions): Promise<DrillResult> {
  return withRig(options, async (rig) => {
    const kills: Kill[] = [];
    const progress = new Progress(() => describe(rig, kills));
    try {
      const range = await fillRange(rig, options);
      const into = await newEndpoint(rig);
      rig.sender.changeRate(options.ratePerSecond);
      const schedule = scheduleFor(options);
      const wish = {
        from: range.from,
        to: range.to,
        tenantId: rig.wiring.tenant,
        into,
        ratePerSecond: jobRate(range.ids.length, schedule),
      };
      const job = await makeJob(rig, '/v1/replays', wish);
      const ran = await runUnderKills(rig, job, { schedule, kills });
      // What the new endpoint got is compared with the range, and with what was accepted since it was there.
      const settled = await settle(rig, progress, { counts: ({ tag }) => (tag & ~REFUSED_FLAG) !== NEW });
      const bound = mostRepeats(kills, rig.wiring.fanOut + 1, options.ratePerSecond);
      const { repeats, findings: atNew } = await judgeNew(rig, { jobId: job.id, into, ids: range.ids });
      const findings = [
        ...settled.findings,
        ...ran.findings,
        ...jobFindings(ran.job, range.ids.length),
        ...atNew,
        ...finding('more repeats than were in flight', repeats + settled.comparison.repeated > bound ? [`${repeats} of ${bound}`] : []),
        ...notBackOf(kills),
      ];
      const figures = { replayed: range.ids.length, repeatsAtNew: repeats, mostRepeats: bound };
      const rates = { jobRatePerSecond: job.ratePerSecond, reachedPerSecond: rateOf(ran.job) };
      return { ...resultOf('replay-kill', rig, { ...settled, findings }), settings: settingsOf(options), ...figures, ...rates, kills };
    } finally {
      progress.close();
    }
  });
}

interface Range {
  readonly from: string;
  readonly to: string;
  /** Of all events that were accepted in it. */
  readonly ids: readonly string[];
}

/** Sends events and stops for a moment, so that it is known which are in the range. */
async function fillRange({ sender }: Rig, options: RecoveryOptions): Promise<Range> {
  const from = new Date().toISOString();
  sender.changeRate(fillRate(options));
  sender.start();
  const deadline = monotonicMs() + FILL_BUDGET_MS;
  while (sender.counts.accepted < options.count && monotonicMs() < deadline) await pause(POLL_MS);
  sender.changeRate(0);
  while (!sender.isQuiet && monotonicMs() < deadline) await pause(POLL_MS);
  await pause(POLL_MS);
  return { from, to: new Date().toISOString(), ids: sender.accepted.map(({ id }) => id) };
}

async function newEndpoint(rig: Rig): Promise<string> {
  const { tenant } = rig.wiring;
  const id = `${tenant}-new`;
  const body = { id, url: `${rig.receiver.url}/e/${NEW}`, eventTypes: ['bench.*'] };
  wanted(await ask(rig, 'POST', `/v1/tenants/${tenant}/endpoints`, body), 201, z.unknown());
  // The planner learns of it a moment later: until then, events would not be planned for it.
  await pause(2_000);
  return id;
}

interface Replayed {
  readonly jobId: string;
  readonly into: string;
  readonly ids: readonly string[];
}

/** What the new endpoint got: all of the range, planned once each, and all since it was there. */
async function judgeNew(rig: Rig, { jobId, into, ids }: Replayed): Promise<{ repeats: number; findings: string[] }> {
  const arrived = arrivedAtNew(rig);
  const planned = await plannedBy(rig.pipeline, jobId);
  const accepted = rig.sender.accepted.map(({ id }) => id);
  const twice = [...planned].filter(([, times]) => times > 1).map(([what]) => what);
  const findings = [
    ...finding(
      'accepted, not at the new endpoint',
      accepted.filter((id) => !arrived.ids.has(id)),
    ),
    ...finding(
      'of the range, not planned',
      ids.filter((id) => !planned.has(`${id} -> ${into}`)),
    ),
    ...finding('planned, and not of the range', planned.size > ids.length ? [`${planned.size} of ${ids.length}`] : []),
    ...finding('planned twice by the job', twice),
  ];
  return { repeats: arrived.count - arrived.ids.size, findings };
}

/** Arrivals that were not refused on purpose. */
function arrivedAtNew({ scratch }: Rig): { ids: Set<string>; count: number } {
  const arrivals = [...readRecords(join(scratch, 'arrivals'))].filter(({ tag }) => tag === NEW);
  return { ids: new Set(arrivals.map(({ id }) => id)), count: arrivals.length };
}
