import type { RegionRecord } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { regionRecord } from '../testing/region-record.ts';
import { OwnEvents } from './own-events.ts';

describe("the own region's events", () => {
  let records: Map<string, RegionRecord>;
  let closed: Map<number, string[]>;
  let did: string[];
  let isInformed: boolean;
  let own: OwnEvents;
  const step = async (): Promise<string[]> => {
    did = [];
    await own.step();
    return did;
  };
  const set = (region: string, state: RegionRecord['state'], change: Partial<RegionRecord> = {}): void =>
    void records.set(region, regionRecord(region, state, change));

  beforeEach(() => {
    [records, closed, did, isInformed] = [new Map(), new Map(), [], true];
    own = new OwnEvents({
      region: 'us',
      others: ['eu', 'ap'],
      isInformed: () => isInformed,
      record: (region) => records.get(region),
      closedBy: async (epoch) => new Set(closed.get(epoch)),
      loadPlanned: async () => void did.push('load'),
      attach: async () => {
        did.push(`attach${own.mayPlan('g') ? '' : ' too early'}`);
        return { failure: undefined, detach: async () => void did.push('detach') };
      },
      planLocal: async () => void did.push('local'),
      onTurn: (waitsFor) => void did.push(waitsFor === undefined ? 'turn' : 'wait'),
    });
  });

  it('are planned in all states in which nobody else would', async () => {
    expect(await step()).toEqual(['turn', 'load', 'attach']);
    for (const state of ['active', 'draining', 'drained'] as const) {
      set('us', state);
      expect(await step()).toEqual([]);
      expect(own.mayPlan('g')).toBe(true);
    }
  });

  it('are held until the states of the regions are known', async () => {
    isInformed = false;
    expect(await step()).toEqual(['load', 'local']);
    expect([own.mayPlan('g'), own.mayPlan('l'), own.waitsFor]).toEqual([false, true, 'the first reading of the control bucket']);
    isInformed = true;
    expect(await step()).toEqual(['turn', 'load', 'attach']);
  });

  it('are left to others while the region is failed, except those that only it has', async () => {
    await step();
    set('us', 'failed', { epoch: 2 });
    expect([own.mayPlan('g'), own.mayPlan('l')]).toEqual([false, true]);
    expect(await step()).toEqual(['wait', 'detach', 'load', 'local']);
    expect(await step()).toEqual(['local']);
  });

  it('are planned again when all that are not failed have stopped, and what they planned is known', async () => {
    set('us', 'failed', { epoch: 2 });
    await step();
    for (const region of ['eu', 'ap']) set(region, 'active');
    set('us', 'recovering', { epoch: 3 });
    closed.set(2, ['eu', 'ap']);
    closed.set(3, ['eu']);
    expect(await step()).toEqual(['wait', 'local']);
    expect(own.waitsFor).toContain('ap');
    closed.set(3, ['eu', 'ap']);
    expect(await step()).toEqual(['turn', 'load', 'attach']);
    for (const [state, share] of [
      ['recovering', 75],
      ['active', 100],
    ] as const) {
      set('us', state, { epoch: 3, share });
      expect(await step()).toEqual([]);
    }
  });

  it('do not wait for a region that failed meanwhile, nor for one that never began', async () => {
    set('eu', 'active');
    set('us', 'recovering', { epoch: 3 });
    expect(await step()).toEqual(['wait', 'load', 'local']);
    set('eu', 'failed');
    expect(await step()).toEqual(['turn', 'load', 'attach']);
  });

  it('are held again in the next failure', async () => {
    set('us', 'recovering', { epoch: 3 });
    expect(await step()).toEqual(['turn', 'load', 'attach']);
    set('us', 'failed', { epoch: 4 });
    expect(await step()).toEqual(['wait', 'detach', 'load', 'local']);
    set('eu', 'active');
    set('us', 'recovering', { epoch: 5 });
    expect(await step()).toEqual(['wait', 'local']);
  });
});
