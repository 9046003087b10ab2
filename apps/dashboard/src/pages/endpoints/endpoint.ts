import { queryOptions } from '@tanstack/react-query';
import { get, type Paged, pathOf } from '../../api/client.ts';

/** An endpoint as the API shows it, with how it has been doing. */
export interface Endpoint {
  readonly id: string;
  readonly tenantId: string;
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly region?: string;
  /** Attempts that may start per second. */
  readonly rateLimit?: number;
  readonly ordering?: 'none' | 'fifo';
  readonly traceContext?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds between one attempt and the next. */
  readonly retrySchedule?: readonly number[];
  readonly disabled?: { readonly reason: 'manual' | 'gone' | 'failing'; readonly at: string };
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Since when its circuit is open; null while it is closed. */
  readonly health: { readonly failingSince: string } | null;
  readonly secrets: Secrets;
}

/** How many secrets sign. `oldestExpiresAt`: when the first of the old ones stops to. */
export interface Secrets {
  readonly count: number;
  readonly oldestExpiresAt?: string;
}

const base = (tenantId: string, id: string): string => `/v1/tenants/${encodeURIComponent(tenantId)}/endpoints/${encodeURIComponent(id)}`;

/** The path of something that is done with an endpoint, as `secret/rotate`. */
export const endpointPath = ({ tenantId, id }: Pick<Endpoint, 'tenantId' | 'id'>, what: string): string => `${base(tenantId, id)}/${what}`;

export const endpointQuery = (tenantId: string, id: string) =>
  queryOptions({ queryKey: ['endpoints', 'one', tenantId, id], queryFn: ({ signal }) => get<Endpoint>(base(tenantId, id), signal) });

/** A source of webhooks; its secrets are never shown. */
export interface Source {
  readonly id: string;
  readonly tenantId: string;
  readonly name?: string;
  readonly verification: { readonly kind: string };
  readonly eventType?: { readonly header?: string; readonly field?: string; readonly fixed?: string };
  readonly updatedAt: string;
}

/** All sources; only operators change them, and the audit is told of that live. */
export const sourcesQuery = queryOptions({
  queryKey: ['audit', 'sources'],
  queryFn: ({ signal }) => get<Paged<Source>>(pathOf('/v1/sources', { limit: 250 }), signal),
});
