import { hash } from 'node:crypto';

/**
 * Chooses `percent` of all deliveries, by their ids alone, and says of each chosen one once, the first time it is asked about it, that it
 * fails. `percent` is 0 to 100.
 */
export function failFirst(percent: number): (deliveryKey: string) => boolean {
  const failed = new Set<string>();
  return (deliveryKey) => {
    if (!isChosen(deliveryKey, percent) || failed.has(deliveryKey)) return false;
    failed.add(deliveryKey);
    return true;
  };
}

/** Whether a delivery is among the chosen ones. Pure. */
export function isChosen(deliveryKey: string, percent: number): boolean {
  if (percent <= 0) return false;
  return (hash('sha256', deliveryKey, 'buffer').readUInt32LE(0) / 2 ** 32) * 100 < percent;
}
