import { hostname } from 'node:os';
import type { Logger } from '@waybill/runtime';
import { ControlView, RegionLease } from '@waybill/regions';
import type { Bus } from '@waybill/transport';
import type { RegionSettings } from '../region-settings.ts';
import { ControlledPermission } from './region-permission.ts';

/** What a region with peers has to do with the control bucket. */
export interface RegionControl {
  readonly view: ControlView;
  readonly lease: RegionLease;
  readonly permission: ControlledPermission;
  close(): void;
}

export interface ControlParts {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly settings: RegionSettings;
  readonly domain: string | undefined;
  readonly onRenewFailed: () => void;
}

/** Follows the states of all regions. Never fails: what is away is waited for. The lease is not kept before it is started. */
export function openControl({ bus, logger, settings, domain, onRenewFailed }: ControlParts): RegionControl {
  const { region, order: regions, mustHoldLease } = settings;
  const view = ControlView.follow({ bus, logger, regions, domain });
  const lease = new RegionLease({
    bus,
    view,
    logger,
    region,
    regions,
    domain,
    holder: `dispatcher-${hostname()}-${process.pid}`,
    onRenewFailed,
  });
  const permission = new ControlledPermission({ region, view, lease, mustHoldLease, monotonicMs: () => performance.now() });
  const forget = view.onChange(({ region: changed, state, share, epoch, why }) => {
    if (changed === region) logger.info({ event: 'region.state', state, share, epoch, why }, 'the state of this region');
  });
  const close = (): void => {
    forget();
    permission.close();
    lease.close();
    view.close();
  };
  return { view, lease, permission, close };
}
