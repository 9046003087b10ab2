import { join } from 'node:path';
import { adminApi, compare, describeBacklog, isIdle, monotonicMs, pause, type Pipeline, type Progress, readRecords } from '@waybill/bench';
import { z } from 'zod';
import type { AuditReport, Ledger } from '@waybill/audit';
import { auditAll, auditFindings, countOf, finding } from '../proof.ts';
import type { Settled } from '../settle.ts';
import type { RegionRig } from './region-rig.ts';

/** What a drill may bring with it, at most. */
export interface Allowance {
  /** Deliveries that arrived again after a 2xx. */
  readonly repeats: number;
  /** Requests that the balancer answered with something else than 202. */
  readonly failedRequests: number;
}

const ACCEPT_BUDGET_MS = 60_000;
const IDLE_BUDGET_MS = 180_000;
const EQUAL_BUDGET_MS = 30_000;
const POLL_MS = 200;
const SAY_EVERY_MS = 2_000;

/** Ends the load, waits until both regions are idle and checks what must hold whatever happened before. */
export async function settleRegions(rig: RegionRig, progress: Progress, allowed: Allowance): Promise<Settled> {
  const unaccepted = await rig.sender.stop(ACCEPT_BUDGET_MS);
  const pipelines = await Promise.all([rig.connect(rig.first), rig.connect(rig.second)]);
  try {
    const backlog = await untilIdle(pipelines, progress);
    progress.say('comparing: sender, both LOGs, receiver, both read models');
    const arrivals = join(rig.scratch, 'arrivals');
    await rig.receiver.save(arrivals);
    const comparison = compare(rig.sender.accepted, readRecords(arrivals), rig.wiring);
    const { report, ledger } = await auditAll(pipelines);
    const { answers } = rig.sender.counts;
    const failed = Object.entries(answers).filter(([answer]) => answer !== '202');
    const failures = failed.reduce((sum, [, times]) => sum + times, 0);
    const findings = [
      ...finding('a region did not come to rest', backlog === undefined ? [] : [backlog]),
      ...finding('events that were never accepted', unaccepted === 0 ? [] : [String(unaccepted)]),
      ...finding('events that were refused for good', rig.sender.rejected),
      ...finding('requests that failed at the door', failures > allowed.failedRequests ? [JSON.stringify(answers)] : []),
      ...finding('accepted, not delivered', comparison.missing),
      ...finding('accepted, in no LOG', acceptedInNone(rig, ledger)),
      ...finding(
        'more repeats than allowed',
        comparison.repeated > allowed.repeats ? [`${comparison.repeated} of ${allowed.repeats}`] : [],
      ),
      ...auditFindings(report, ['ended_twice']),
      ...finding('more deliveries with two ends than allowed', overflow(report, allowed.repeats)),
      ...finding('read models that differ', await differingReadModels(rig)),
    ];
    return { comparison, log: report, findings };
  } finally {
    await Promise.all(pipelines.map((pipeline) => pipeline.close()));
  }
}

const acceptedInNone = (rig: RegionRig, { events }: Ledger): string[] =>
  rig.sender.accepted.map(({ id }) => id).filter((id) => !events.has(id));

/** Ends beyond the first, whichever regions came to them. */
function overflow({ violations, notices }: AuditReport, allowed: number): string[] {
  const count = countOf(violations, 'ended_twice') + countOf(notices, 'ended_elsewhere_too');
  return count > allowed ? [`${count} of ${allowed}`] : [];
}

/** What is left of the backlog when time is over; undefined when there is none. */
async function untilIdle(pipelines: readonly Pipeline[], progress: Progress): Promise<string | undefined> {
  const deadline = monotonicMs() + IDLE_BUDGET_MS;
  for (let saidMs = 0; ; await pause(POLL_MS)) {
    const backlogs = await Promise.all(pipelines.map((pipeline) => pipeline.backlog().catch(() => undefined)));
    if (backlogs.every((backlog) => backlog !== undefined && isIdle(backlog))) return undefined;
    const words = backlogs.map((backlog, index) => {
      const told = backlog === undefined ? 'NATS does not answer' : describeBacklog(backlog);
      return `${pipelines[index]?.region}: ${told}`;
    });
    if (monotonicMs() > deadline) return words.join('; ');
    if (monotonicMs() - saidMs < SAY_EVERY_MS) continue;
    saidMs = monotonicMs();
    progress.say(`waiting: ${words.join('; ')}`);
  }
}

const digestSchema = z.object({ tables: z.record(z.string(), z.object({ rows: z.number(), digest: z.string() })) });

/** Tables whose rows are not the same in both regions; replication and projection are given a while. */
async function differingReadModels(rig: RegionRig): Promise<string[]> {
  const deadline = monotonicMs() + EQUAL_BUDGET_MS;
  for (;;) {
    const [one, other] = await Promise.all([digestsOf(rig, rig.first), digestsOf(rig, rig.second)]);
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    const differing = names.filter((name) => one[name]?.digest !== other[name]?.digest);
    if (differing.length === 0 || monotonicMs() > deadline)
      return differing.map((name) => `${name}: ${one[name]?.rows ?? 0} rows in ${rig.first}, ${other[name]?.rows ?? 0} in ${rig.second}`);
    await pause(POLL_MS * 5);
  }
}

async function digestsOf(rig: RegionRig, id: string): Promise<Record<string, { rows: number; digest: string }>> {
  return digestSchema.parse(await adminApi(rig.region(id))('GET', '/v1/stats/digest')).tables;
}
