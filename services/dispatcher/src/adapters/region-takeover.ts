import { CONSUMERS } from '@waybill/contracts';
import type { TakeoverController } from '../application/takeover/controller.ts';
import type { PollerParts } from './build-poller.ts';
import { countUnsettled, planConsumers } from './plan-consumers.ts';
import { openTakeover, type TakeoverParts } from './takeover/open-takeover.ts';
import { watchTakeovers } from './takeover/watch-takeovers.ts';

export interface TakeoverNeeds extends Pick<TakeoverParts, 'persistence' | 'findEndpoint' | 'scheduleDue' | 'elsewhere'> {
  readonly underWay: () => number;
}

/** What hands work over to other regions and takes it from them; undefined where there are none. */
export function takeoverOf(parts: PollerParts, { underWay, ...needs }: TakeoverNeeds): TakeoverController | undefined {
  const { settings, config, bus, publish, registry, control, logger, isHealthy, telemetry } = parts;
  if (control === undefined) return undefined;
  const { region, order, mustHoldLease } = settings;
  const { dispatcherLocal } = CONSUMERS;
  const movable = planConsumers(region, true).filter(({ durable }) => durable !== dispatcherLocal);
  return openTakeover({
    ...needs,
    region,
    order,
    bus,
    publish,
    registry,
    logger,
    isHealthy,
    view: control.view,
    lease: mustHoldLease ? control.lease : undefined,
    permission: control.permission,
    backlog: async () => ({ waiting: await countUnsettled(bus, movable), underWay: underWay() }),
    watch: watchTakeovers({ ...telemetry, region, tookOver: (from) => telemetry.counts.tookOver(from) }),
    recoveryStepMs: config.RECOVERY_STEP_SECONDS * 1000,
    drainTimeoutMs: config.DRAIN_TIMEOUT_SECONDS * 1000,
  });
}
