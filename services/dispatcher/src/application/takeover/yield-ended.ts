import type { DeliveryId } from '@waybill/contracts';
import type { Schedules } from './takeover-ports.ts';
import type { TakenElsewhere } from './taken-elsewhere.ts';

export interface YieldEndedPorts {
  readonly schedules: Pick<Schedules, 'has' | 'pending' | 'fireNow'>;
  readonly elsewhere: Pick<TakenElsewhere, 'end'>;
}

/** From so many on, one list of all schedules is cheaper than one question for each delivery. */
const MANY = 50;
const CONCURRENCY = 64;

/**
 * Gives up the retries of deliveries that another region brought to their end: the news was on its way when this region took them over. Repeating it
 * changes nothing. Resolves with how many retries that were.
 */
export async function yieldEnded({ schedules, elsewhere }: YieldEndedPorts, ended: readonly DeliveryId[]): Promise<number> {
  const pending = ended.length < MANY ? undefined : await schedules.pending();
  const rest = new Set(ended).values();
  let yielded = 0;
  const worker = async (): Promise<void> => {
    for (const deliveryId of rest) {
      const isPending = pending?.has(deliveryId) ?? (await schedules.has(deliveryId));
      if (!isPending) continue;
      elsewhere.end(deliveryId);
      await schedules.fireNow(deliveryId);
      yielded += 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return yielded;
}
