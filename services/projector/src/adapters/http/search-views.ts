import type { DispatchRow } from '../../domain/dispatch-rows.ts';
import type { DeliveryRow, EndpointRow, EventRow, TenantRow } from '../../domain/rows.ts';
import type { Found } from '../queries/search.ts';
import { iso } from './views.ts';

/** Answers to one search at most. */
const MOST_FOUND = 20;

/** One thing that was found: enough to tell it from others, and to open it. */
export interface Hit {
  readonly kind: 'event' | 'delivery' | 'endpoint' | 'tenant' | 'dispatch' | 'correlation';
  /** Of a correlation the text itself, of a dispatch that of its event. */
  readonly id: string;
  readonly tenantId?: string;
  readonly title: string;
  readonly detail: string;
  readonly at?: string;
}

/** What was found, the kinds that a person most likely meant first. */
export function foundView({ events, deliveries, endpoints, tenants, dispatches, correlated }: Found): Hit[] {
  const correlation = correlated?.correlation_id ?? undefined;
  return [
    ...events.map(eventHit),
    ...deliveries.map(deliveryHit),
    ...(correlated === undefined || correlation === undefined ? [] : [correlationHit(correlated, correlation)]),
    ...tenants.map(tenantHit),
    ...endpoints.map(endpointHit),
    ...dispatches.map(dispatchHit),
  ].slice(0, MOST_FOUND);
}

const eventHit = (row: EventRow): Hit => ({
  kind: 'event',
  id: row.id,
  tenantId: row.tenant_id,
  title: row.event_type,
  detail: row.state,
  at: iso(row.at),
});

const deliveryHit = (row: DeliveryRow): Hit => ({
  kind: 'delivery',
  id: row.id,
  tenantId: row.tenant_id,
  title: row.event_type || row.event_id,
  detail: `${row.state} · ${row.endpoint_id}`,
  at: iso(row.at),
});

const correlationHit = (row: EventRow, id: string): Hit => ({
  kind: 'correlation',
  id,
  tenantId: row.tenant_id,
  title: id,
  detail: `newest: ${row.event_type}`,
  at: iso(row.at),
});

const tenantHit = (row: TenantRow): Hit => ({
  kind: 'tenant',
  id: row.id,
  tenantId: row.id,
  title: row.name ?? row.id,
  detail: row.region,
});

const endpointHit = (row: EndpointRow): Hit => ({
  kind: 'endpoint',
  id: row.id,
  tenantId: row.tenant_id,
  title: row.url,
  detail: row.disabled_reason === null ? row.region : `disabled: ${row.disabled_reason}`,
});

const dispatchHit = (row: DispatchRow): Hit => ({
  kind: 'dispatch',
  id: row.event_id,
  tenantId: row.tenant_id,
  title: `${row.owner}/${row.repo} · ${row.workflow}`,
  detail: row.state,
  at: iso(row.at),
});
