import type { RegionRecord } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { regionRecord } from '../../testing/region-record.ts';
import { StandIn } from './stand-in.ts';

describe('standing in for another region', () => {
  let record: RegionRecord | undefined;
  let passes: string[];
  let closed: string[];
  let opened: number;
  let fails: boolean;

  const start = (): StandIn => {
    opened = 0;
    return new StandIn({
      of: 'us',
      record: () => record,
      openTakeover: () => {
        opened += 1;
        return {
          pass: async () => {
            if (fails) throw new Error('away');
            passes.push(`takeover ${opened}`);
            return 0;
          },
          settled: async () => undefined,
        };
      },
      closings: {
        isClosed: async (of, epoch) => closed.includes(`${of} ${epoch}`),
        close: async (of, epoch) => {
          if (fails) throw new Error('away');
          closed.push(`${of} ${epoch}`);
        },
      },
      onPlanned: () => undefined,
    });
  };
  const step = async (standIn: StandIn, next: RegionRecord | undefined): Promise<void> => {
    record = next;
    await standIn.step();
  };

  beforeEach(() => {
    [passes, closed, fails] = [[], [], false];
  });

  it('takes over while it is failed, and says once that it has stopped', async () => {
    const standIn = start();
    await step(standIn, undefined);
    await step(standIn, regionRecord('us', 'active'));
    await step(standIn, regionRecord('us', 'failed', { epoch: 2 }));
    await step(standIn, regionRecord('us', 'failed', { epoch: 2 }));
    expect([passes, closed]).toEqual([['takeover 1', 'takeover 1'], []]);
    for (const share of [0, 0, 25]) await step(standIn, regionRecord('us', 'recovering', { epoch: 3, share }));
    await step(standIn, regionRecord('us', 'active', { epoch: 4 }));
    expect(closed).toEqual(['us 3']);
    await step(standIn, regionRecord('us', 'failed', { epoch: 5 }));
    expect(passes.at(-1)).toBe('takeover 2');
  });

  it('says so when it had nothing to take over, and after a restart only what was not said', async () => {
    await step(start(), regionRecord('us', 'recovering', { epoch: 3 }));
    await step(start(), regionRecord('us', 'recovering', { epoch: 3 }));
    await step(start(), regionRecord('us', 'recovering', { epoch: 5 }));
    expect(closed).toEqual(['us 3', 'us 5']);
  });

  it('says so when it missed the recovery', async () => {
    const standIn = start();
    await step(standIn, regionRecord('us', 'failed', { epoch: 2 }));
    await step(standIn, regionRecord('us', 'active', { epoch: 4 }));
    await step(standIn, regionRecord('us', 'active', { epoch: 4 }));
    expect(closed).toEqual(['us 4']);
  });

  it('says it later when it could not', async () => {
    const standIn = start();
    fails = true;
    await expect(step(standIn, regionRecord('us', 'recovering', { epoch: 3 }))).rejects.toThrow('away');
    fails = false;
    await step(standIn, regionRecord('us', 'recovering', { epoch: 3 }));
    expect(closed).toEqual(['us 3']);
  });
});
