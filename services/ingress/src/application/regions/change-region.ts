import type { RegionRecord } from '@waybill/contracts';
import { activated, type ChangeOrder, drained, recovering } from '../../domain/region-changes.ts';
import { parseWith } from '../parse-with.ts';
import { activateBodySchema, drainBodySchema, type RegionOutcome } from './region-bodies.ts';
import {
  type RegionCommandPorts,
  type RegionControl,
  type RegionPorts,
  requireControl,
  requireRecord,
  requireRegion,
} from './region-ports.ts';
import { StepLog } from './step-log.ts';

export const orderOf = ({ nowMs, who }: RegionCommandPorts, why: string, to?: string): ChangeOrder => ({
  who,
  why,
  at: new Date(nowMs()).toISOString(),
  to,
});

/** What is wanted of one region. */
interface Wanted {
  readonly region: string;
  readonly control: RegionControl;
  readonly next: (current: RegionRecord) => RegionRecord;
}

/**
 * Changes a region's record, then appends the fact. The record is what counts: a fact that cannot be stored is told as a step that failed, and the
 * change stands.
 */
export async function changeRegion(ports: RegionPorts, log: StepLog, { region, control, next }: Wanted): Promise<RegionRecord> {
  const record = await control.change(region, (current) => next(requireRecord(region, current)));
  log.done(record.state, `${region} is ${record.state} in epoch ${record.epoch}, with ${record.share} % of its work`);
  try {
    await ports.appendChange(record);
  } catch (error) {
    log.missed('recorded', `the change is not in the log: ${error instanceof Error ? error.message : String(error)}`);
  }
  return record;
}

async function changeNow(ports: RegionCommandPorts, region: string, next: Wanted['next']): Promise<RegionOutcome> {
  const control = await requireControl(ports);
  const log = new StepLog(ports.nowMs);
  const record = await changeRegion(ports, log, { region, control, next });
  return { region, steps: log.steps, record };
}

/** Lets a region hand its work over; returns as soon as that has begun. Throws WB_REGION_UNKNOWN, WB_REGION_STATE, WB_CONTROL_AWAY. */
export async function drainRegion(ports: RegionCommandPorts, region: string, body: unknown): Promise<RegionOutcome> {
  requireRegion(ports, region);
  const { reason } = parseWith(drainBodySchema, body);
  return changeNow(ports, region, (current) => drained(current, orderOf(ports, reason)));
}

/** Lets a region come back: in steps, or at once with `force`. Throws WB_REGION_UNKNOWN, WB_REGION_STATE, WB_CONTROL_AWAY. */
export async function activateRegion(ports: RegionCommandPorts, region: string, body: unknown): Promise<RegionOutcome> {
  requireRegion(ports, region);
  const { reason, force } = parseWith(activateBodySchema, body);
  const change = force ? activated : recovering;
  return changeNow(ports, region, (current) => change(current, orderOf(ports, reason)));
}
