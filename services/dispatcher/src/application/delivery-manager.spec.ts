import { describe, expect, it } from 'vitest';
import { DeliveryManager, type RegionWorker } from './delivery-manager.ts';

function workerOf(region: string, start: () => Promise<void> = async () => undefined) {
  const calls: string[] = [];
  const worker: RegionWorker = {
    region,
    start,
    stopTaking: () => void calls.push('stopTaking'),
    close: async () => void calls.push('close'),
  };
  return { worker, calls };
}

describe('the manager of region workers', () => {
  it('keeps a region that cannot start from stopping the others', async () => {
    const failures: string[] = [];
    const broken = workerOf('b', () => Promise.reject(new Error('no stream')));
    const fine = workerOf('a');
    const manager = new DeliveryManager([broken.worker, fine.worker], (region, error) => failures.push(`${region}: ${String(error)}`));
    expect((await manager.start()).map(({ region }) => region)).toEqual(['a']);
    expect(failures).toEqual(['b: Error: no stream']);
    manager.stopTaking();
    await manager.close();
    expect([fine.calls, broken.calls]).toEqual([['stopTaking', 'close'], ['close']]);
  });
});
