import { describeBacklog, isIdle, monotonicMs, pause, type Pipeline } from '@waybill/bench';
import { dispatchDecidedSchema, parseFactSubject, streamNames, subjects } from '@waybill/contracts';
import { scanStream } from '@waybill/transport';
import type { AuditReport } from '@waybill/audit';
import { auditAll, auditFindings, finding, totalsOf } from '../proof.ts';
import { effects, owed } from './github-world.ts';
import type { GithubRig } from './github-rig.ts';

/** What is true once everything has come to rest. */
export interface GithubSettled {
  readonly figures: Readonly<Record<string, unknown>>;
  readonly findings: readonly string[];
}

export interface GithubAllowance {
  /** Dispatches that ended without a run, because GitHub gave no clear answer and none was found. */
  readonly failed: number;
}

/** Thousands of runs may have waited for GitHub to come back. */
const IDLE_BUDGET_MS = 900_000;
const POLL_MS = 250;
const SAY_EVERY_MS = 2_000;
/** So long nothing new may come in before it counts as rest: GitHub's own webhooks about started runs are on their way. */
const QUIET_MS = 2_000;

/** Ends the load, waits until all regions are idle, and compares: runs that ended, decisions, ends of deliveries, effects on GitHub. */
export async function settleGithub(rig: GithubRig, allowed: GithubAllowance): Promise<GithubSettled> {
  rig.load.stop();
  const pipelines = await Promise.all(rig.regions.map((id) => rig.connect(id)));
  try {
    const backlog = await untilIdle(rig, pipelines);
    rig.progress.say('comparing: runs, decisions, deliveries, effects');
    const { report: log } = await auditAll(pipelines);
    const decisions = await decisionsIn(pipelines);
    return compared(rig, { log, decisions, backlog }, allowed);
  } finally {
    await Promise.all(pipelines.map((pipeline) => pipeline.close()));
  }
}

interface Seen {
  readonly log: AuditReport;
  readonly decisions: ReadonlyMap<string, number>;
  readonly backlog: string | undefined;
}

function compared({ load, fake }: GithubRig, { log, decisions, backlog }: Seen, allowed: GithubAllowance): GithubSettled {
  const { counts, wrong } = effects(fake);
  const happened = fake.ledger.dispatches.length;
  const wanted = load.sent.flatMap(owed);
  const missing = wanted.filter((name) => !counts.has(name));
  const { delivered, dead_lettered, denied, attempts } = totalsOf(log);
  const twice = log.notices.ended_elsewhere_too;
  const findings = [
    ...finding('a region did not come to rest', backlog === undefined ? [] : [backlog]),
    ...finding(
      'runs that nobody decided about',
      load.sent.map(({ runId }) => runId).filter((id) => !decisions.has(id)),
    ),
    ...finding(
      'runs that were decided twice',
      [...decisions].filter(([, times]) => times > 1).map(([id]) => id),
    ),
    ...finding(
      'started more than once',
      [...counts].filter(([, times]) => times > 1).map(([name]) => name),
    ),
    ...finding('started, and owed by no run', [...counts.keys()].filter((name) => !wanted.includes(name)).slice(0, 100)),
    ...finding('calls with a wrong target', wrong),
    ...finding('owed, not started, more than allowed', missing.length > allowed.failed ? missing : []),
    ...finding('started, but not told so', delivered < happened ? [`${happened} started, ${delivered} told`] : []),
    ...finding('told to be started, but not', delivered > happened ? [`${delivered} told, ${happened} started`] : []),
    ...auditFindings(log),
    ...finding('deliveries that two regions ended', twice?.ids ?? [], twice?.count),
  ];
  const figures = {
    runs: load.sent.length,
    owed: wanted.length,
    started: happened,
    startedTwice: [...counts.values()].filter((times) => times > 1).length,
    notStarted: missing.length,
    ends: { delivered, dead_lettered, denied },
    attempts,
  };
  return { figures, findings };
}

async function untilIdle(rig: GithubRig, pipelines: readonly Pipeline[]): Promise<string | undefined> {
  const deadline = monotonicMs() + IDLE_BUDGET_MS;
  let quietSinceMs: number | undefined;
  for (let saidMs = 0; ; await pause(POLL_MS)) {
    await rig.fake.settled();
    const backlogs = await Promise.all(pipelines.map((pipeline) => pipeline.backlog().catch(() => undefined)));
    const isQuiet = backlogs.every((backlog) => backlog !== undefined && isIdle(backlog)) && undelivered(rig) === 0;
    quietSinceMs = isQuiet ? (quietSinceMs ?? monotonicMs()) : undefined;
    if (quietSinceMs !== undefined && monotonicMs() - quietSinceMs > QUIET_MS) return undefined;
    const told = backlogs.map(
      (backlog, index) => `${pipelines[index]?.region}: ${backlog === undefined ? 'no answer' : describeBacklog(backlog)}`,
    );
    const words = [...told, `webhooks that did not arrive: ${undelivered(rig)}`].join('; ');
    if (monotonicMs() > deadline) return words;
    if (monotonicMs() - saidMs < SAY_EVERY_MS) continue;
    saidMs = monotonicMs();
    rig.progress.say(`waiting: ${words}`);
  }
}

/** Webhooks of finished runs that were never taken in: the sweeper will ask for them again. */
function undelivered({ fake }: GithubRig): number {
  const arrived = new Set(fake.deliveries.filter(({ statusCode }) => statusCode >= 200 && statusCode < 300).map(({ guid }) => guid));
  const finished = fake.deliveries.filter(({ notice }) => notice.action === 'completed');
  return new Set(finished.map(({ guid }) => guid).filter((guid) => !arrived.has(guid))).size;
}

/** How often each source run of the load was decided; decisions that say "seen before" do not count. */
async function decisionsIn(pipelines: readonly Pipeline[]): Promise<Map<string, number>> {
  const decisions = new Map<string, number>();
  for (const { bus, region } of pipelines) {
    const stream = { stream: streamNames(region).log, subjects: [subjects.factFilter(region, 'dispatch.decided')] };
    await scanStream(bus, stream, ({ subject, body }) => {
      if (parseFactSubject(subject) === undefined) return;
      const { run, skip } = dispatchDecidedSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
      if (skip?.reason !== 'duplicate_run_attempt') decisions.set(run.id, (decisions.get(run.id) ?? 0) + 1);
    });
  }
  return decisions;
}
