import { GITHUB_SOURCE } from '@waybill/contracts';
import { ATTRIBUTES, type Attributes, adoptRequest, externalPlace } from '@waybill/runtime';
import type { FastifyRequest } from 'fastify';
import type { Brought, Visit } from '../../application/visit.ts';
import { headerOf } from './http-request.ts';

const visits = new WeakMap<FastifyRequest, Brought>();
/** What a request brought; undefined as long as no event of it was stored. */
export const broughtBy = (request: FastifyRequest): Brought | undefined => visits.get(request);

/** A request as the use cases see it that take events in. */
export const visitOf = (request: FastifyRequest): Visit => ({
  caller: externalPlace(request),
  begin: (place) => adoptRequest(request, place),
  tell: (brought) => {
    visits.set(request, brought);
    const { place } = brought;
    adoptRequest(request, place.context === undefined ? place : { ...place, attributes: attributesOf(request, brought) });
  },
});

function attributesOf(request: FastifyRequest, { eventId, eventType, tenantId, source, correlationId, duplicate }: Brought): Attributes {
  return {
    [ATTRIBUTES.event]: eventId,
    [ATTRIBUTES.eventType]: eventType,
    [ATTRIBUTES.tenant]: tenantId,
    [ATTRIBUTES.source]: source,
    [ATTRIBUTES.correlation]: correlationId,
    [ATTRIBUTES.duplicate]: duplicate,
    // Of a checked webhook: others may send the header as well.
    [ATTRIBUTES.githubDelivery]: source === GITHUB_SOURCE ? headerOf(request)('x-github-delivery') : undefined,
  };
}
