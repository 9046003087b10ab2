import { join } from 'node:path';
import type { Audit, AuditReport } from '@waybill/audit';
import {
  adminApi,
  compare,
  type Comparison,
  describeBacklog,
  isIdle,
  type LogRecord,
  monotonicMs,
  pause,
  type Pipeline,
  type Progress,
  readRecords,
} from '@waybill/bench';
import { TARGETS } from './kill-schedule.ts';
import { answers } from './killing.ts';
import { auditAll, auditFindings, finding } from './proof.ts';
import type { Rig } from './rig.ts';

/** What is true once everything has come to rest. */
export interface Settled {
  readonly comparison: Comparison;
  readonly log: AuditReport;
  /** What broke the invariants that hold for every drill, with the ids concerned. Empty: all of them held. */
  readonly findings: readonly string[];
}

const ACCEPT_BUDGET_MS = 60_000;
/** What waits for its turn in an order looks after itself every three minutes. */
const IDLE_BUDGET_MS = 300_000;
const POLL_MS = 200;
const SAY_EVERY_MS = 2_000;

/** What a drill compares otherwise than the rest. */
export interface SettleOptions {
  /** The accepted events that count; default: all. */
  readonly accepted?: readonly LogRecord[];
  /** Arrivals that count; the drill judges the others by itself. Default: all. */
  readonly counts?: (arrival: LogRecord) => boolean;
}

/** Ends the load, waits until the pipeline is idle and checks what must hold whatever happened before. */
export async function settle(rig: Rig, progress: Progress, options: SettleOptions = {}): Promise<Settled> {
  const { accepted = rig.sender.accepted, counts = (): boolean => true } = options;
  const unaccepted = await rig.sender.stop(ACCEPT_BUDGET_MS);
  const isAtRest = await untilIdle(rig, progress);
  progress.say('comparing: sender, LOG, receiver, read models');
  const arrivals = join(rig.scratch, 'arrivals');
  await rig.receiver.save(arrivals);
  const comparison = compare(accepted, [...readRecords(arrivals)].filter(counts), rig.wiring);
  const call = adminApi(rig.stack.region());
  const reads = new Map([[rig.pipeline.region, (path: string): Promise<unknown> => call('GET', path)]]);
  const { report, ledger } = await withRetries(() => auditAll([rig.pipeline], reads));
  const findings = [
    ...finding('the pipeline did not come to rest', isAtRest ? [] : [describeBacklog(await rig.pipeline.backlog())]),
    ...finding('events that were never accepted', unaccepted === 0 ? [] : [String(unaccepted)]),
    ...finding('events that were refused for good', rig.sender.rejected),
    ...finding('accepted, not delivered', comparison.missing),
    ...finding(
      'accepted, not in the LOG',
      accepted.map(({ id }) => id).filter((id) => !ledger.events.has(id)),
    ),
    ...finding('delivered, but no sender was told of it', comparison.unexpected === 0 ? [] : [String(comparison.unexpected)]),
    ...auditFindings(report),
    ...finding('processes that are not ready', await notReady(rig)),
  ];
  return { comparison, log: report, findings };
}

const READ_TRIES = 5;

/** Reads again when a reading failed: what is read does not change any more. */
async function withRetries(read: () => Promise<Audit>): Promise<Audit> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (attempt === READ_TRIES) throw error;
      await pause(POLL_MS);
    }
  }
}

/** Waits until nothing is left to plan, deliver, retry or project, or as much as is said; false when that takes longer than five minutes. */
export async function untilIdle(
  { pipeline }: Pick<Rig, 'pipeline'>,
  progress: Pick<Progress, 'say'>,
  isEnough: (backlog: Awaited<ReturnType<Pipeline['backlog']>>) => boolean = isIdle,
): Promise<boolean> {
  const deadline = monotonicMs() + IDLE_BUDGET_MS;
  for (let saidMs = 0; monotonicMs() < deadline; await pause(POLL_MS)) {
    // A request that was under way when nats-server was killed gets no answer; the next one does.
    const backlog = await pipeline.backlog().catch(() => undefined);
    if (backlog !== undefined && isEnough(backlog)) return true;
    if (monotonicMs() - saidMs < SAY_EVERY_MS) continue;
    saidMs = monotonicMs();
    progress.say(`waiting: ${backlog === undefined ? 'NATS does not answer' : describeBacklog(backlog)}`);
  }
  return false;
}

async function notReady(rig: Rig): Promise<string[]> {
  const ready = await Promise.all(TARGETS.map(async (target) => ({ target, isUp: await answers(rig, target) })));
  return ready.filter(({ isUp }) => !isUp).map(({ target }) => target);
}
