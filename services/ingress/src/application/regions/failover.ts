import { type RegionRecord, WaybillError } from '@waybill/contracts';
import { failoverEffect } from '../../domain/failover-effect.ts';
import { drained, failed } from '../../domain/region-changes.ts';
import { parseWith, schemaViolation } from '../parse-with.ts';
import { changeRegion, orderOf } from './change-region.ts';
import { failoverBodySchema, type FailoverOrder, type FailoverPlan, type RegionOutcome } from './region-bodies.ts';
import {
  type RegionCommandPorts,
  type RegionControl,
  type RegionPorts,
  requireControl,
  requireRecord,
  requireRegion,
} from './region-ports.ts';
import { StepLog } from './step-log.ts';

/** A region that renews its record every second and has not for this long does not hear what is asked of it. */
const SILENT_MS = 6_000;
const DRAIN_BUDGET_MS = 90_000;
const TAKEOVER_BUDGET_MS = 5_000;
const LOOK_EVERY_MS = 500;

interface Failover {
  readonly ports: RegionCommandPorts;
  readonly control: RegionControl;
  readonly region: string;
  readonly order: FailoverOrder;
  /** Who is to stand in: the chosen one, or all that could. */
  readonly standIns: readonly string[];
  readonly log: StepLog;
  readonly signal: AbortSignal;
}

/**
 * Moves the work of a region to others: drains it, waits until it has let go, and looks whether the others are there. With `force` it is declared
 * failed at once: the operator knows that it is down or cut off. With `dryRun` nothing changes. Throws WB_REGION_UNKNOWN, WB_REGION_STATE,
 * WB_FAILOVER_UNSAFE and WB_CONTROL_AWAY, with the `steps` that were done; asking again goes on where a drain was left.
 */
export async function failOver(
  ports: RegionCommandPorts,
  region: string,
  body: unknown,
  signal: AbortSignal,
): Promise<RegionOutcome | FailoverPlan> {
  requireRegion(ports, region);
  const order = parseWith(failoverBodySchema, body);
  checkTarget(ports, region, order.to);
  const log = new StepLog(ports.nowMs);
  const control = await requireControl(ports);
  const standIns = requireStandIns(ports, control, region, order.to);
  if (order.dryRun) return planOf(ports, control, region, order.to);
  log.done('verified', `${standIns.join(', ')} can stand in for ${region}`);
  const failover: Failover = { ports, control, region, order, standIns, log, signal };
  const record = order.force ? await declareFailed(failover) : await drainAndWait(failover);
  await lookForStandIns(failover);
  return { region, steps: log.steps, record };
}

function checkTarget({ order }: RegionPorts, region: string, to: string | undefined): void {
  if (to === undefined) return;
  if (to === region) throw schemaViolation([{ path: 'to', message: 'a region cannot stand in for itself' }]);
  if (!order.includes(to)) throw schemaViolation([{ path: 'to', message: `there is no region ${to}; there are ${order.join(', ')}` }]);
}

const isOpen = (control: RegionControl, region: string): boolean =>
  control.record(region)?.state === 'active' && control.unchangedMs(region) < SILENT_MS;

function requireStandIns({ order }: RegionPorts, control: RegionControl, region: string, to: string | undefined): readonly string[] {
  const open = order.filter((other) => other !== region && isOpen(control, other));
  if (to === undefined && open.length > 0) return open;
  if (to !== undefined && open.includes(to)) return [to];
  throw new WaybillError('WB_REGION_STATE', `${to ?? 'no other region'} is active, so nobody can stand in for ${region}`);
}

async function planOf(ports: RegionPorts, control: RegionControl, region: string, to: string | undefined): Promise<FailoverPlan> {
  const { state } = requireRecord(region, control.record(region));
  const view = control.routing(ports.order);
  const states = new Map([...view.states, [region, { state, share: 0, to }]]);
  const { endpointsOf, onlyRegion } = ports;
  const asked = { region, endpointsOf, onlyRegion, tenants: ports.tenants(), strictHomes: await ports.strictHomes() };
  return { region, dryRun: true, ...failoverEffect({ ...asked, view: { ...view, states } }) };
}

function declareFailed({ ports, log, region, control, order }: Failover): Promise<RegionRecord> {
  return changeRegion(ports, log, { region, control, next: (current) => failed(current, orderOf(ports, order.reason, order.to)) });
}

async function drainAndWait(failover: Failover): Promise<RegionRecord> {
  const { ports, log, region, control, order } = failover;
  await requireVoice(failover);
  const present = control.record(region);
  if (present?.state === 'draining' && present.to === (order.to ?? present.to)) log.done('draining', `${region} is draining already`);
  else await changeRegion(ports, log, { region, control, next: (current) => drained(current, orderOf(ports, order.reason, order.to)) });
  return log.run(
    'drained',
    () => waitUntilDrained(failover),
    () => `${region} has let go of its work`,
  );
}

/** Throws when the region has not renewed its lease lately: it would never hear that it is to drain. */
async function requireVoice({ ports, control, region }: Failover): Promise<void> {
  const silentMs = control.unchangedMs(region);
  if (silentMs < SILENT_MS) return;
  const silence = `${region} has not renewed its lease for ${Math.round(silentMs / 1000)} s, so it cannot be drained`;
  const url = ports.url(region);
  if (url !== undefined && (await ports.answers(url)))
    throw new WaybillError('WB_FAILOVER_UNSAFE', `${silence}; but ${url} answers, so it may still be delivering`);
  throw new WaybillError('WB_REGION_STATE', `${silence}; when it is down or cut off, say "force": true`);
}

async function waitUntilDrained(failover: Failover): Promise<RegionRecord> {
  const { ports, control, region, signal } = failover;
  const deadlineMs = ports.nowMs() + DRAIN_BUDGET_MS;
  for (;;) {
    await control.refresh();
    const record = requireRecord(region, control.record(region));
    if (record.state === 'drained') return record;
    if (record.state !== 'draining') throw new WaybillError('WB_REGION_STATE', `${region} became ${record.state} meanwhile`);
    await requireVoice(failover);
    if (ports.nowMs() >= deadlineMs) throw tooLate(control, region);
    await ports.wait(LOOK_EVERY_MS, signal);
  }
}

function tooLate(control: RegionControl, region: string): WaybillError {
  if (control.failure !== undefined)
    return new WaybillError('WB_CONTROL_AWAY', `whether ${region} is drained cannot be read: ${control.failure}`);
  const inFlight = control.report(region)?.inFlight;
  const rest = inFlight === undefined ? '' : `: ${inFlight} attempts are in flight`;
  return new WaybillError('WB_REGION_STATE', `${region} is still draining after ${DRAIN_BUDGET_MS / 1000} s${rest}; ask again to wait on`);
}

/** Whether those that stand in are at work: their dispatchers report every two seconds. */
async function lookForStandIns({ ports, control, standIns, log, signal }: Failover): Promise<void> {
  const deadlineMs = ports.nowMs() + TAKEOVER_BUDGET_MS;
  const missing = (): string[] => standIns.filter((other) => !isOpen(control, other) || control.report(other) === undefined);
  while (missing().length > 0 && ports.nowMs() < deadlineMs) {
    await ports.wait(LOOK_EVERY_MS, signal);
    await control.refresh();
  }
  if (missing().length === 0) log.done('taken over', `${standIns.join(', ')} reports that it is at work`);
  else log.missed('taken over', `${missing().join(', ')} does not report that it is at work`);
}
