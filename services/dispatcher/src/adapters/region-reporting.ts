import { regionSpilledSchema, streamNames, subjects } from '@waybill/contracts';
import type { ControlView } from '@waybill/regions';
import type { Logger } from '@waybill/runtime';
import type { Bus, Publish } from '@waybill/transport';
import { RegionReporter, type RegionReportPorts } from '../application/region-report.ts';
import { newestBeatMs } from './newest-beat.ts';
import { countUnsettled, planConsumers } from './plan-consumers.ts';

export interface RegionReportingParts extends Pick<
  RegionReportPorts,
  'region' | 'peers' | 'thresholds' | 'concurrency' | 'inFlight' | 'waitingForTurn' | 'errorRate' | 'nowMs'
> {
  readonly bus: Bus;
  readonly publish: Publish;
  readonly view: Pick<ControlView, 'putReport'>;
  readonly logger: Logger;
}

const EVERY_MS = 2_000;

/** A region that reports. `lagMs`: see RegionReporter. */
export interface Reporting {
  readonly lagMs: () => ReadonlyMap<string, number>;
  readonly stop: () => void;
}

/** Tells the other regions how this one does, every two seconds, each time only when the time before is over. */
export function startReporting(parts: RegionReportingParts): Reporting {
  const { logger } = parts;
  const reporter = new RegionReporter({ ...parts, ...portsOf(parts) });
  let isTelling = false;
  const timer = setInterval(() => {
    if (isTelling || !parts.bus.isUp()) return;
    isTelling = true;
    void reporter
      .tell()
      .catch((error: unknown) => logger.debug({ event: 'region.untold', err: error }, 'told again in a moment'))
      .finally(() => (isTelling = false));
  }, EVERY_MS);
  return { lagMs: () => reporter.lagMs, stop: () => clearInterval(timer) };
}

type Ports = Pick<RegionReportPorts, 'unsettledPlans' | 'newestBeatMs' | 'wasSpilling' | 'appendBeat' | 'appendSpilled' | 'putReport'>;

function portsOf({ bus, publish, region, view }: RegionReportingParts): Ports {
  const append = async (type: 'region.beat' | 'region.spilled', name: string, fact: { at: string }): Promise<void> => {
    const msgId = `${name}:${region}:${Date.parse(fact.at)}`;
    await publish({ subject: subjects.fact(region, 'g', type), msgId, body: JSON.stringify(fact) });
  };
  return {
    unsettledPlans: () => countUnsettled(bus, planConsumers(region, true)),
    newestBeatMs: (peer) => newestBeatMs(bus, region, peer),
    wasSpilling: async () => {
      const subject = subjects.fact(region, 'g', 'region.spilled');
      const message = await bus.jsm.direct.getMessage(streamNames(region).log, { last_by_subj: subject });
      return regionSpilledSchema.safeParse(message?.json()).data?.spilling ?? false;
    },
    appendBeat: (fact) => append('region.beat', 'beat', fact),
    appendSpilled: (fact) => append('region.spilled', 'spilled', fact),
    putReport: (report) => view.putReport(report),
  };
}
