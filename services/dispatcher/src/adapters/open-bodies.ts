import { type Bodies, openBodies } from '@waybill/bodies';
import type { PollerParts } from './build-poller.ts';

/** Large payloads that are in memory at once; attempts that need another one wait for their turn. */
const IN_MEMORY_BYTES = 134_217_728;

/** The large payloads of a region's deliveries, those of other regions included. */
export function bodiesOf({ settings, config, bus, publish, registry, logger }: PollerParts): Bodies {
  const { region, peers } = settings;
  return openBodies({
    bus,
    region,
    peers,
    key: config.REGION_SHARED_KEY,
    urlOf: (id) => registry.internalUrl(id),
    publish,
    keepsCopies: true,
    maxBytesInMemory: IN_MEMORY_BYTES,
    logger,
    nowMs: () => Date.now(),
  });
}
