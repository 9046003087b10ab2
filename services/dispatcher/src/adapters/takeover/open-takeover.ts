import type { ControlView, RegionLease } from '@waybill/regions';
import type { Logger } from '@waybill/runtime';
import type { Bus, Publish, RegistryView } from '@waybill/transport';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FindEndpoint, ScheduleDue } from '../../application/attempt-ports.ts';
import type { RegionPermission } from '../../application/permission.ts';
import type { Persistence } from '../../application/persistence.ts';
import { TakeoverController } from '../../application/takeover/controller.ts';
import type { Backlog } from '../../application/takeover/drain.ts';
import type { TakenElsewhere } from '../../application/takeover/taken-elsewhere.ts';
import type { WatchTakeovers } from '../../application/takeover/takeover-story.ts';
import { DeliveryHistory } from './delivery-history.ts';
import { handoverFacts } from './handover-facts.ts';
import { retrySchedules } from './retry-schedules.ts';

export interface TakeoverParts {
  readonly region: string;
  /** All regions, the first choice for standing in first. */
  readonly order: readonly string[];
  readonly bus: Bus;
  readonly publish: Publish;
  readonly persistence: Persistence;
  readonly view: ControlView;
  /** Given when regions take over unasked. */
  readonly lease: RegionLease | undefined;
  /** What the region's state and lease allow. */
  readonly permission: RegionPermission;
  readonly registry: RegistryView;
  readonly findEndpoint: FindEndpoint;
  readonly scheduleDue: ScheduleDue;
  /** The memory that attempts ask. */
  readonly elsewhere: TakenElsewhere;
  readonly backlog: () => Promise<Backlog>;
  readonly isHealthy: () => boolean;
  readonly recoveryStepMs: number;
  readonly drainTimeoutMs: number;
  readonly logger: Logger;
  readonly watch: WatchTakeovers;
}

const nowMs = (): number => Date.now();

/** Builds what hands work over between regions, for the worker of one that has peers. It does nothing before it is started. */
export function openTakeover(parts: TakeoverParts): TakeoverController {
  const { bus, publish, region, persistence, scheduleDue, registry, findEndpoint, view } = parts;
  return new TakeoverController({
    ...parts,
    control: view,
    history: new DeliveryHistory(bus, region, persistence),
    facts: handoverFacts({ bus, publish, region, persistence }),
    schedules: retrySchedules({ bus, region, persistence, scheduleDue, nowMs }),
    registry: {
      atLeast: (origin, revision, budgetMs) => registry.atLeast(origin, revision, budgetMs),
      placementOf: (tenantId) => registry.tenant(tenantId)?.placement,
      isKnown: (tenantId, endpointId) => findEndpoint(tenantId, endpointId) !== undefined,
    },
    pause: async (ms, signal) => {
      await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
    },
    nowMs,
  });
}
