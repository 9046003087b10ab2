import type { Logger } from '@waybill/runtime';
import type { Explanation } from '../application/planning-watch.ts';

/** Endpoints whose undeclared region was told; more are passed over in silence. */
const MAX_TOLD = 1_000;

/** Writes why deliveries go where they go: a debug line an event, and a warning once for each endpoint that names a region which is not declared. */
export function explainRoutes(logger: Logger): (why: Explanation) => void {
  const told = new Set<string>();
  return ({ eventId, correlationId, routes }) => {
    for (const { endpointId, unknownRegion, wanted } of routes) {
      if (unknownRegion === undefined || told.has(endpointId) || told.size >= MAX_TOLD) continue;
      told.add(endpointId);
      logger.warn({ event: 'planner.unknown_region', endpointId, unknownRegion, wanted }, 'this region is not declared: passed over');
    }
    if (logger.isLevelEnabled('debug')) logger.debug({ event: 'planner.routed', eventId, correlationId, routes }, 'routed');
  };
}
