import { type Bodies, openBodies } from '@waybill/bodies';
import type { AcceptNeeds } from './open-accept.ts';
import type { IngressParts } from './ingress.ts';

/** Payloads that are given to other regions, all together; those that come in have a bound of their own. */
const GIVEN_AT_ONCE_BYTES = 134_217_728;

/** The large payloads: stored as they come in, and given to the regions that need them. */
export function openBodiesHere(
  { config, deployment, bus, logger, nowMs }: IngressParts,
  { publisher, registry }: Pick<AcceptNeeds, 'publisher' | 'registry'>,
): Bodies {
  const { region, order } = deployment;
  return openBodies({
    bus,
    region,
    peers: order.filter((id) => id !== region),
    key: config.REGION_SHARED_KEY,
    urlOf: (id) => registry.internalUrl(id),
    publish: publisher.publish,
    maxBytesInMemory: GIVEN_AT_ONCE_BYTES,
    logger,
    nowMs,
  });
}
