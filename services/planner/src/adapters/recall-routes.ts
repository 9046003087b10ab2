import { setTimeout as sleep } from 'node:timers/promises';
import { planHeadSchema, splitRawData, streamNames, subjects } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { type Bus, type RegistryView, scanStream } from '@waybill/transport';
import { z } from 'zod';
import type { StickyRegions } from '../application/sticky-regions.ts';
import { type RegionSettings, wantedRegion } from '../domain/choose-regions.ts';

const WINDOW_MS = 15 * 60_000;

const correlationSchema = z.object({ event: z.object({ eventId: z.string(), correlationId: z.string() }) });

/** With very many plans a start does not wait for all: the rest is learned while it works. */
const BUDGET_MS = 5_000;

export interface RecallParts {
  readonly bus: Bus;
  readonly registry: Pick<RegistryView, 'tenant' | 'endpoint'>;
  readonly settings: RegionSettings;
  readonly logger: Logger;
}

/** Learns from the own plans of the last quarter of an hour where correlations went, so that a restart does not tear them apart. Never rejects. */
export async function recallRoutes(parts: RecallParts, sticky: StickyRegions): Promise<void> {
  const recalled = scanOwnPlans(parts, sticky).catch((error: unknown) =>
    parts.logger.warn({ event: 'planner.routes_not_recalled', err: error }, 'correlations may be parted once'),
  );
  await Promise.race([recalled, sleep(BUDGET_MS, undefined, { ref: false })]);
}

async function scanOwnPlans({ bus, registry, settings }: RecallParts, sticky: StickyRegions): Promise<void> {
  const { own } = settings;
  const scan = { stream: streamNames(own).log, subjects: [subjects.plansFor(own, '*', 'g')], fromTimeMs: Date.now() - WINDOW_MS };
  await scanStream(bus, scan, ({ body }) => {
    const { head } = splitRawData(body);
    // Most events are their own correlation: they are not looked at further.
    const { eventId, correlationId } = correlationSchema.parse(head).event;
    if (eventId === correlationId) return;
    const { event, region, deliveries, replay } = planHeadSchema.parse(head);
    if (replay !== undefined) return;
    const placement = registry.tenant(event.tenantId)?.placement;
    for (const { endpointId, dispatch } of deliveries) {
      // Those go by the target's owner, not by what belongs together.
      if (dispatch !== undefined) continue;
      const ofEndpoint = registry.endpoint(event.tenantId, endpointId)?.region;
      const { wanted } = wantedRegion(settings, { acceptedIn: event.region, scope: 'g', correlationId, placement }, ofEndpoint);
      sticky.remember(correlationId, wanted, region);
    }
  });
}
