import { statfs } from 'node:fs/promises';
import type { Metrics } from './metrics.ts';

export interface WatchedDisk {
  readonly region: string;
  readonly service: string;
  /** What lies on it; it need not exist yet. */
  readonly folder: string;
}

/** Shows how much of the disk under a folder is free, for who may write there: what is reserved for root is not. Left out while that cannot be told. */
export function watchDisk(metrics: Metrics, { region, service, folder }: WatchedDisk): void {
  metrics.gauge('waybill_disk_free_ratio', async () => {
    const { bavail, blocks } = await statfs(folder);
    return blocks === 0 ? [] : [{ labels: { region, service }, value: bavail / blocks }];
  });
}
