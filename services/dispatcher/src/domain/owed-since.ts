import { type DueDelivery, timeOfId } from '@waybill/contracts';

/**
 * The time before which nothing can have been done about a delivery, ms since 1970: when its event was accepted, or the job made that has it delivered
 * (again), however old the event is. Undefined for ids of another making.
 */
export const owedSinceMs = ({ deliveryId, replay }: Pick<DueDelivery, 'deliveryId' | 'replay'>): number | undefined =>
  timeOfId(replay ?? deliveryId);
