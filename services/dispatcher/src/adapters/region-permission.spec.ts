import type { RegionRecord } from '@waybill/contracts';
import type { LeasePhase } from '@waybill/regions';
import { describe, expect, it } from 'vitest';
import { ControlledPermission } from './region-permission.ts';

const record = (state: RegionRecord['state'], share = 0, region = 'us'): RegionRecord => {
  const at = '2026-11-21T10:00:00.000Z';
  return { v: 1, region, state, share, epoch: 1, since: at, who: 'spec', why: 'spec', how: 'manual', renewedAt: at, holder: 'spec' };
};

function controlled(mustHoldLease = true) {
  const now = { loaded: true, record: undefined as RegionRecord | undefined, phase: 'held' as LeasePhase, ms: 1_000 };
  const tell: { change: (changed: RegionRecord) => void; over: () => void } = { change: () => undefined, over: () => undefined };
  const permission = new ControlledPermission({
    region: 'us',
    view: {
      get loaded() {
        return now.loaded;
      },
      record: () => now.record,
      onChange: (listener) => {
        tell.change = listener;
        return () => undefined;
      },
    },
    lease: {
      get phase() {
        return now.phase;
      },
      onOver: (listener) => {
        tell.over = listener;
        return () => undefined;
      },
    },
    mustHoldLease,
    monotonicMs: () => now.ms,
  });
  let cuts = 0;
  permission.onCut(() => (cuts += 1));
  return { now, tell, permission, cuts: () => cuts };
}

describe('the permission of a region with peers', () => {
  it('needs the lease only when others take over unasked', () => {
    const [fenced, free] = [controlled(true), controlled(false)];
    for (const { now } of [fenced, free]) now.phase = 'ending';
    expect([fenced.permission.open, free.permission.open]).toEqual([false, true]);
    for (const { tell } of [fenced, free]) tell.over();
    expect([fenced.cuts(), free.cuts()]).toEqual([1, 0]);
  });

  it('ends at once when the region is given up, whoever holds a lease', () => {
    const { now, tell, permission, cuts } = controlled(false);
    now.record = record('failed');
    tell.change(record('active', 100));
    tell.change(record('failed', 0, 'eu'));
    expect(cuts()).toBe(0);
    tell.change(record('failed'));
    expect([permission.open, cuts()]).toEqual([false, 1]);
  });

  it('waits a while to hear of its state, and goes on as an isolated region', () => {
    const { now, permission } = controlled(false);
    now.loaded = false;
    expect(permission.open).toBe(false);
    now.ms += 14_999;
    expect(permission.open).toBe(false);
    now.ms += 1;
    expect(permission.open).toBe(true);
  });
});
