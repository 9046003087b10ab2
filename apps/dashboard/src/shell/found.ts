/** One answer of `GET /v1/search`. */
export interface Found {
  readonly kind: 'event' | 'delivery' | 'endpoint' | 'tenant' | 'dispatch' | 'correlation';
  readonly id: string;
  readonly tenantId?: string;
  readonly title: string;
  readonly detail: string;
  readonly at?: string;
}

/** The page that shows what was found. */
export function addressOf({ kind, id, tenantId = '' }: Found): string {
  const part = encodeURIComponent(id);
  switch (kind) {
    case 'event':
      return `/events/${part}`;
    case 'delivery':
      return `/deliveries/${part}`;
    case 'endpoint':
      return `/endpoints/${encodeURIComponent(tenantId)}/${part}`;
    case 'dispatch':
      return `/dispatches/${part}`;
    case 'tenant':
      return `/events?tenantId=${part}`;
    default:
      return `/events?correlationId=${part}`;
  }
}
