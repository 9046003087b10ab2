import { subjects } from '@waybill/contracts';
import { HUB } from '@waybill/nats-server';
import { ControlView, RegionLease } from '@waybill/regions';
import { createLogger } from '@waybill/runtime';
import { connectTo, type Installation } from '../../deployment/installation.ts';

/** Slow enough that the origin's consumer has idle moments, in which it is acknowledged what has arrived. */
const BEAT_MS = 1_500;

/** What a region's dispatcher does for the other regions, by its user: it keeps the lease, reports, and beats. */
export interface BeatingRegion {
  /** Everything goes on but the control bucket: neither lease nor report is written any more. */
  stopControl(): void;
  stop(): Promise<void>;
}

/** Starts what beats for `region` until it is stopped. */
export async function startBeating(installation: Installation, region: string, regions: readonly string[]): Promise<BeatingRegion> {
  const bus = await connectTo(installation, { place: region, user: 'dispatcher' });
  const logger = createLogger({ service: 'spec', region, level: 'silent' });
  const view = ControlView.follow({ bus, logger, regions, domain: HUB });
  const lease = new RegionLease({ bus, view, logger, region, regions, domain: HUB, holder: 'spec' });
  lease.start();
  let writesControl = true;
  const report = { v: 1, region, queueDepth: 0, inFlight: 0, concurrencyPercent: 0, errorRate: 0, spilling: false, lagMs: {} } as const;
  const beat = (): void => {
    const at = new Date().toISOString();
    void bus.js.publish(subjects.fact(region, 'g', 'region.beat'), JSON.stringify({ v: 1, region, at })).catch(() => undefined);
    if (writesControl) void view.putReport({ ...report, at }).catch(() => undefined);
  };
  beat();
  const timer = setInterval(beat, BEAT_MS);
  const stopControl = (): void => {
    writesControl = false;
    lease.close();
  };
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    stopControl();
    view.close();
    await bus.close();
  };
  return { stopControl, stop };
}
