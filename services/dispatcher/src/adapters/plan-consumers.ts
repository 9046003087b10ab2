import { CONSUMERS, streamNames, subjects } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';

/** A durable consumer that hands out plans, and what it is filtered on. */
export interface PlanConsumer {
  readonly stream: string;
  readonly durable: string;
  readonly subject: string;
}

/** What feeds a region's dispatcher with plans: its own ones, those of strict tenants, and with peers the other regions' plans for it. */
export function planConsumers(region: string, hasPeers: boolean): readonly PlanConsumer[] {
  const { log, peers } = streamNames(region);
  const own = [
    { stream: log, durable: CONSUMERS.dispatcherPlans, subject: subjects.plansFor(region, region, 'g') },
    { stream: log, durable: CONSUMERS.dispatcherLocal, subject: subjects.plansFor(region, region, 'l') },
  ];
  if (!hasPeers) return own;
  return [...own, { stream: peers, durable: CONSUMERS.dispatcherPeers, subject: subjects.peerPlansFor(region) }];
}

/** Plans that a region's consumers have not handed out, or that are not settled. */
export async function countUnsettled(bus: Bus, consumers: readonly PlanConsumer[]): Promise<number> {
  return (await pendingOf(bus, consumers)).reduce((sum, { messages }) => sum + messages, 0);
}

/** Messages of each of these consumers that it has not handed out, or that are not settled. */
export function pendingOf(
  bus: Bus,
  consumers: readonly { readonly stream: string; readonly durable: string }[],
): Promise<{ consumer: string; messages: number }[]> {
  return Promise.all(
    consumers.map(async ({ stream, durable }) => {
      const { num_pending, num_ack_pending } = await bus.jsm.consumers.info(stream, durable);
      return { consumer: durable, messages: num_pending + num_ack_pending };
    }),
  );
}
