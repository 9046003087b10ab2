import { type DeliveryId, timeOfId } from '@waybill/contracts';
import { CLOCK_MARGIN_MS, type OpenDelivery } from '../../domain/takeover/open-deliveries.ts';
import type { ClaimAndArm } from './claim-and-arm.ts';
import { readBackOver } from './read-back-over.ts';
import type { History, Schedules, TakeoverFacts } from './takeover-ports.ts';
import type { TakenElsewhere } from './taken-elsewhere.ts';

export interface ResumeClaimPorts {
  readonly region: string;
  readonly history: Pick<History, 'present' | 'readBack'>;
  readonly facts: Pick<TakeoverFacts, 'claims'>;
  readonly schedules: Pick<Schedules, 'has'>;
  readonly elsewhere: Pick<TakenElsewhere, 'has'>;
  readonly claimAndArm: Pick<ClaimAndArm, 'arm'>;
  readonly nowMs: () => number;
}

/**
 * Finishes what a process before this one claimed last and may not have armed. To be called at the start, before any schedule is worked off: of what it
 * finds then without a schedule, either none was ever stored or it has just fired, and armed again that attempt is known and not made twice.
 * Resolves with how many deliveries were armed.
 */
export async function resumeClaim(ports: ResumeClaimPorts): Promise<number> {
  const { region, facts, schedules, elsewhere, claimAndArm, nowMs } = ports;
  const newest = (await facts.claims()).findLast(({ by }) => by === region);
  if (newest === undefined) return 0;
  const unarmed = new Set<DeliveryId>();
  for (const deliveryId of newest.deliveryIds) {
    if (!elsewhere.has(deliveryId) && !(await schedules.has(deliveryId))) unarmed.add(deliveryId);
  }
  if (unarmed.size === 0) return 0;
  const foundMs = nowMs();
  const open = await stillOpen(ports, unarmed);
  await claimAndArm.arm(open, foundMs, newest.epoch);
  return open.length;
}

async function stillOpen(ports: ResumeClaimPorts, wanted: ReadonlySet<DeliveryId>): Promise<OpenDelivery[]> {
  const oldestMs = Math.min(...[...wanted].map((deliveryId) => timeOfId(deliveryId) ?? Number.NEGATIVE_INFINITY));
  const open: OpenDelivery[] = [];
  const reading = readBackOver({ ...ports, of: ports.region, isWanted: (deliveryId) => wanted.has(deliveryId) });
  for await (const { settled, fromMs } of reading) {
    open.push(...settled);
    if (fromMs + CLOCK_MARGIN_MS <= oldestMs) break;
  }
  return open;
}
