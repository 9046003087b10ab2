import { controlKeys, type RegionRecord } from '@waybill/contracts';
import { startThrowawayNats, type ThrowawayNats } from '@waybill/nats-server';
import { createLogger } from '@waybill/runtime';
import { type Bus, connectBus, ControlBucket, controlTopology, provision } from '@waybill/transport';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ControlView, LEASE_TTL_MS } from './control-view.ts';
import { RegionLease } from './region-lease.ts';

const logger = createLogger({ service: 'spec', region: 'us', level: 'silent' });
const REGIONS = ['us', 'eu'] as const;
const soon = { timeout: 20_000, interval: 50 };

/** One region as a process of its own would see it. The bucket lies in one server that both reach: what links do is not the matter here. */
class Seat {
  readonly bus: Bus;
  readonly view: ControlView;
  readonly lease: RegionLease;

  constructor(bus: Bus, view: ControlView, region: string) {
    this.bus = bus;
    this.view = view;
    this.lease = new RegionLease({ bus, view, logger, region, regions: REGIONS, holder: `spec-${region}` });
  }

  static async take(url: string, region: string): Promise<Seat> {
    const bus = await connectBus({ servers: url, name: region });
    return new Seat(bus, ControlView.follow({ bus, logger, regions: REGIONS }), region);
  }

  async leave(): Promise<void> {
    this.lease.close();
    this.view.close();
    await this.bus.close();
  }
}

const failed = (record: RegionRecord): RegionRecord => ({ ...record, state: 'failed', share: 0, epoch: record.epoch + 1 });

describe('the control of regions', () => {
  let nats: ThrowawayNats;
  let us: Seat;
  let eu: Seat;

  beforeEach(async () => {
    nats = await startThrowawayNats();
    const bus = await connectBus({ servers: nats.url, name: 'provision' });
    await provision(bus, controlTopology(1));
    await bus.close();
    [us, eu] = await Promise.all([Seat.take(nats.url, 'us'), Seat.take(nats.url, 'eu')]);
  });

  afterEach(async () => {
    await Promise.all([us.leave(), eu.leave()]);
    await nats.cleanup();
  });

  it('makes the record of a region that starts for the first time, and renews it', async () => {
    us.lease.start();
    await vi.waitFor(() => expect(eu.view.record('us')).toMatchObject({ state: 'active', epoch: 1, share: 100 }), soon);
    const first = eu.view.record('us')?.renewedAt;
    await vi.waitFor(() => expect(eu.view.record('us')?.renewedAt).not.toBe(first), soon);
    expect(us.lease.phase).toBe('held');
    expect(eu.view.hasRunOut('us')).toBe(false);
  });

  it('lets a lease that is not renewed be taken, once, and shows it to its holder', async () => {
    us.lease.start();
    eu.lease.start();
    const seen: string[] = [];
    us.view.onChange(({ region, state }) => seen.push(`${region} ${state}`));
    await vi.waitFor(() => expect(eu.view.record('us')).toBeDefined(), soon);
    us.lease.close();
    const closedMs = performance.now();
    await vi.waitFor(() => expect(eu.lease.hasRunOut('us')).toBe(true), soon);
    // Its holder has stopped by then, by its own clock.
    expect(us.lease.phase).toBe('over');
    expect(performance.now() - closedMs).toBeGreaterThan(LEASE_TTL_MS - 2_000);
    expect(await eu.view.changeSeen('us', failed)).toBe(true);
    await vi.waitFor(() => expect(seen).toContain('us failed'), soon);
  });

  it('lets no lease be taken that was renewed a moment before', async () => {
    us.lease.start();
    await vi.waitFor(() => expect(eu.view.record('us')).toBeDefined(), soon);
    eu.view.close();
    const bucket = new ControlBucket(us.bus);
    const revision = (await bucket.get(controlKeys.region('us')))?.revision ?? 0;
    await vi.waitFor(async () => expect((await bucket.get(controlKeys.region('us')))?.revision).toBeGreaterThan(revision), soon);
    expect(await eu.view.changeSeen('us', failed)).toBe(false);
    expect((await bucket.get(controlKeys.region('us')))?.value).toMatchObject({ state: 'active' });
  });

  it('refuses to rely on a majority that there is not', async () => {
    await expect(us.lease.requireMajority()).rejects.toThrow(/FAILOVER_ENABLED: the control bucket has one copy/);
  });

  it('keeps what an operator changed when it renews', async () => {
    us.lease.start();
    await vi.waitFor(() => expect(us.view.record('us')).toBeDefined(), soon);
    await eu.view.change('us', (current) => {
      if (current === undefined) throw new Error('no record');
      return { ...current, state: 'draining', share: 0, epoch: 2 };
    });
    const changedAt = eu.view.record('us')?.renewedAt;
    await vi.waitFor(() => expect(eu.view.record('us')?.renewedAt).not.toBe(changedAt), soon);
    expect(eu.view.record('us')).toMatchObject({ state: 'draining', epoch: 2 });
  });

  it('ends its own lease when the bucket is away, and tells it once', async () => {
    us.lease.start();
    await vi.waitFor(() => expect(us.lease.phase).toBe('held'), soon);
    let times = 0;
    us.lease.onOver(() => (times += 1));
    process.kill(nats.pid, 'SIGSTOP');
    try {
      await vi.waitFor(() => expect(us.lease.phase).toBe('ending'), soon);
      await vi.waitFor(() => expect(times).toBe(1), soon);
      expect(us.lease.phase).toBe('over');
      expect(us.view.failure).toBeDefined();
      expect(us.view.hasRunOut('eu')).toBe(false);
    } finally {
      process.kill(nats.pid, 'SIGCONT');
    }
    await vi.waitFor(() => expect(us.lease.phase).toBe('held'), soon);
    expect(times).toBe(1);
  });
});
