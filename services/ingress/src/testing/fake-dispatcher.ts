import type { RegionRecord, RegionReport } from '@waybill/contracts';
import { HUB } from '@waybill/nats-server';
import { ControlView, RegionLease } from '@waybill/regions';
import { testLogger } from '@waybill/testkit';
import type { Bus } from '@waybill/transport';
import { EU, US } from './two-regions.ts';

const REPORT_MS = 200;

/** What a dispatcher does for the state of its region: keeps the lease, reports, and lets go of its work when it is told to. It delivers nothing. */
export interface FakeDispatcher {
  readonly view: ControlView;
  /** Whether it lets go when it is to drain; true at first. */
  obeys: boolean;
  stop(): void;
}

const report = (region: string): RegionReport => ({
  v: 1,
  region,
  at: new Date().toISOString(),
  queueDepth: 3,
  inFlight: 2,
  concurrencyPercent: 10,
  errorRate: 0,
  spilling: false,
  lagMs: {},
});

const letGo = (current: RegionRecord | undefined): RegionRecord => {
  if (current?.state !== 'draining') throw new Error('it is not to drain any more');
  return { ...current, state: 'drained', epoch: current.epoch + 1 };
};

/** Starts it with a connection as the region's dispatcher. */
export function startFakeDispatcher(bus: Bus, region: string): FakeDispatcher {
  const logger = testLogger();
  const regions = [US, EU];
  const view = ControlView.follow({ bus, logger, regions, domain: HUB });
  const lease = new RegionLease({ bus, view, logger, region, regions, domain: HUB, holder: `fake-${region}` });
  lease.start();
  const tick = async (): Promise<void> => {
    await view.putReport(report(region)).catch(() => undefined);
    if (dispatcher.obeys && view.record(region)?.state === 'draining') await view.change(region, letGo).catch(() => undefined);
  };
  const timer = setInterval(() => void tick(), REPORT_MS);
  const dispatcher: FakeDispatcher = {
    view,
    obeys: true,
    stop: () => {
      clearInterval(timer);
      lease.close();
      view.close();
    },
  };
  return dispatcher;
}
