import { CONSUMERS, streamNames } from '@waybill/contracts';
import { type DependencyState, type Health, type Lifecycle, WatchedDependency } from '@waybill/runtime';
import type { Bus } from '@waybill/transport';

/** JetStream's codes for a stream and a consumer that are not there. */
const MISSING = new Set<unknown>([10_059, 10_014]);

export interface WatchedConsumers {
  readonly bus: Bus;
  readonly region: string;
  readonly health: Health;
  readonly lifecycle: Lifecycle;
}

/** Names in the health report whether what the planner works off is provisioned; without it nothing is planned, and nothing else says so. */
export function watchConsumers({ bus, region, health, lifecycle }: WatchedConsumers): void {
  const { log } = streamNames(region);
  const watched = lifecycle.own('watch of consumers', new WatchedDependency(() => stateOf(bus, log)), (open) => open.close());
  health.declare('consumers', watched.state);
}

async function stateOf(bus: Bus, log: string): Promise<DependencyState> {
  for (const durable of [CONSUMERS.planner, CONSUMERS.plannerRuns]) {
    try {
      await bus.jsm.consumers.info(log, durable);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && MISSING.has(error.code))) throw error;
      return { ok: false, detail: `consumer ${durable} on ${log} is missing: run "waybill provision", and restart this service` };
    }
  }
  return { ok: true };
}

/** Messages of a consumer of the own LOG that wait to be handled, with those in hand. Rejects when that cannot be asked. */
export const pendingIn =
  (bus: Bus, region: string) =>
  async (durable: string): Promise<number> => {
    const { num_pending, num_ack_pending } = await bus.jsm.consumers.info(streamNames(region).log, durable);
    return num_pending + num_ack_pending;
  };
