import { monotonicMs, pause, Progress } from '@waybill/bench';
import { streamNames } from '@waybill/contracts';
import { request } from 'undici';
import { finding } from '../proof.ts';
import { type DrillResult, resultOf } from '../result.ts';
import { type Rig, withRig } from '../rig.ts';
import { settle, untilIdle } from '../settle.ts';
import { killNow } from '../killing.ts';
import { beginBuild, readProjections, untilBuilt, verified } from './projections.ts';
import { runCli } from './run-cli.ts';
import { describe, type RecoveryOptions } from './redrive-kill.ts';

const POLL_MS = 200;
const DETECT_BUDGET_MS = 60_000;
const READ_MS = 3_000;
/** An audit leaves out the first minute of a log whose front was removed: plans of events that were removed may still come. */
const AUDITED_AFTER_MS = 62_000;
const AUDITED_LOAD_MS = 8_000;

/** Somebody removes facts that the read models have not seen: it is noticed and told, and a rebuild from what is left brings the reads back. */
export function purgedStream(options: RecoveryOptions): Promise<DrillResult> {
  return withRig(options, async (rig) => {
    const progress = new Progress(() => describe(rig, []));
    try {
      rig.sender.start();
      const removed = await purgeUnread(rig, progress);
      const purgedMs = monotonicMs();
      const told = await whatIsTold(rig);
      progress.say(`told: ${told.reason ?? 'nothing'}; rebuilding`);
      const rebuilt = await rebuild(rig);
      await pause(Math.max(0, AUDITED_AFTER_MS - (monotonicMs() - purgedMs)));
      const before = rig.sender.accepted.length;
      await pause(AUDITED_LOAD_MS);
      await rig.sender.stop(AUDITED_AFTER_MS);
      const accepted = rig.sender.accepted.slice(before);
      const ids = new Set(accepted.map(({ id }) => id));
      const settled = await settle(rig, progress, { accepted, counts: ({ id }) => ids.has(id) });
      const findings = [...settled.findings, ...told.findings, ...rebuilt.findings];
      const figures = { removedUnread: removed, projectorSays: told.reason, doctorSays: told.doctor, auditSays: told.audit };
      const result = {
        ...resultOf('purged-stream', rig, { ...settled, findings }),
        settings: { ratePerSecond: options.ratePerSecond, failingPercent: options.failingPercent },
        ...figures,
      };
      return { ...result, completeSince: rebuilt.completeSince };
    } finally {
      progress.close();
    }
  });
}

/** Removes all of the LOG while the projector stands still, and lets it be started anew. Resolves with how many facts it had not read. */
async function purgeUnread(rig: Rig, progress: Progress): Promise<number> {
  await pause(READ_MS);
  const pid = rig.stack.region().pids['projector'];
  if (pid === undefined) throw new Error('no projector runs');
  process.kill(pid, 'SIGSTOP');
  await pause(READ_MS);
  rig.sender.changeRate(0);
  await untilIdle(rig, progress, ({ planner, dispatcher, due, retries }) => planner + dispatcher + due + retries === 0);
  const { projector } = await rig.pipeline.backlog();
  await rig.pipeline.bus.jsm.streams.purge(streamNames(rig.pipeline.region).log);
  // Being ready is what it must not come to.
  void killNow(rig, 'projector').catch(() => undefined);
  rig.sender.changeRate(20);
  return projector;
}

interface Told {
  readonly reason: string | null;
  readonly doctor: string;
  readonly audit: string;
  readonly findings: readonly string[];
}

const EXPECTED = 'removed before they were read';
/** What an audit says of events whose facts are gone. */
const UNPROVED = 'nothing is proved';

async function whatIsTold(rig: Rig): Promise<Told> {
  const reason = await projectorReason(rig);
  const [doctor, audit] = [await saidBy(rig, 'doctor'), await saidBy(rig, 'audit')];
  return {
    reason,
    doctor,
    audit,
    findings: [
      ...finding('the projector did not say that facts are missing', reason === null ? [`within ${DETECT_BUDGET_MS} ms`] : []),
      ...finding('the doctor did not say it', doctor.includes(EXPECTED) ? [] : [doctor]),
      ...finding('the audit did not say it', audit.includes(UNPROVED) ? [] : [audit]),
    ],
  };
}

/** What makes the projector not ready; null when it does not say so in time. */
async function projectorReason({ stack }: Rig): Promise<string | null> {
  for (const deadline = monotonicMs() + DETECT_BUDGET_MS; monotonicMs() < deadline; await pause(POLL_MS)) {
    const text = await readiness(stack.region().services['projector'] ?? '').catch(() => '');
    const reason = /[^"]*removed before they were read[^":]*/.exec(text)?.[0];
    if (reason !== undefined) return reason;
  }
  return null;
}

async function readiness(url: string): Promise<string> {
  const { statusCode, body } = await request(`${url}/health/ready`, { headersTimeout: 1_000, bodyTimeout: 1_000 });
  const text = await body.text();
  return statusCode === 503 ? text : '';
}

/** The lines of a command that matter here, with how it ended. */
async function saidBy({ stack }: Rig, command: string): Promise<string> {
  const { code, said } = await runCli([command, '--data', stack.dataDir]);
  const lines = said.split('\n').filter((line) => line.includes(EXPECTED) || line.includes(UNPROVED));
  return [`exit code ${code}`, ...lines].join('\n').replaceAll(stack.dataDir, '…');
}

async function rebuild(rig: Rig): Promise<{ completeSince: string | null; findings: string[] }> {
  await beginBuild(rig, 'rebuild');
  const last = await untilBuilt(rig);
  const { serving } = await readProjections(rig);
  const completeSince = serving.streams.find(({ stream }) => stream === streamNames(rig.pipeline.region).log)?.completeSince ?? null;
  const { wrong } = await verified(rig);
  const findings = [
    ...finding('the rebuild did not come to serve', last?.outcome === 'serving' ? [] : [JSON.stringify(last)]),
    ...finding('it is not told since when the reads are complete', completeSince === null ? ['completeSince is null'] : []),
    ...finding('read models that differ after the rebuild', wrong),
  ];
  return { completeSince, findings };
}
