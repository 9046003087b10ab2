/** A command as the audit shows it. */
export interface Act {
  readonly at: string;
  readonly region: string;
  /** Method and route, as `PUT /v1/tenants/:tenantId`. */
  readonly action: string;
  /** The parameters of the route. */
  readonly about: Readonly<Record<string, string>>;
  readonly status: number;
  readonly actor: string;
  readonly reason: string;
  readonly requestId: string | null;
}

interface ActWords {
  readonly what: string;
  /** What it was done to, and where that is looked at; absent: nothing that has a name. */
  readonly to?: { readonly name: string; readonly href?: string };
}

const VERBS: Readonly<Record<string, string>> = {
  'PUT /v1/tenants/:tenantId': 'made or changed tenant',
  'POST /v1/tenants/:tenantId/endpoints': 'made an endpoint of',
  'PATCH /v1/tenants/:tenantId/endpoints/:id': 'changed endpoint',
  'DELETE /v1/tenants/:tenantId/endpoints/:id': 'removed endpoint',
  'POST /v1/tenants/:tenantId/endpoints/:id/secret/rotate': 'rotated the secret of',
  'POST /v1/tenants/:tenantId/endpoints/:id/pause': 'paused endpoint',
  'POST /v1/tenants/:tenantId/endpoints/:id/resume': 'resumed endpoint',
  'POST /v1/tenants/:tenantId/endpoints/:id/test': 'sent a test to',
  'POST /v1/sources': 'made a source',
  'PATCH /v1/sources/:sourceId': 'changed source',
  'DELETE /v1/sources/:sourceId': 'removed source',
  'POST /v1/dead-letters/redrive': 'planned a redrive',
  'POST /v1/dead-letters/discard': 'discarded dead letters',
  'POST /v1/deliveries/:id/retry': 'retried delivery',
  'POST /v1/deliveries/:id/skip': 'gave up delivery',
  'POST /v1/replays': 'planned a replay',
  'POST /v1/jobs/:id/start': 'started job',
  'POST /v1/jobs/:id/pause': 'paused job',
  'POST /v1/jobs/:id/resume': 'resumed job',
  'POST /v1/jobs/:id/cancel': 'cancelled job',
  'POST /v1/jobs/:id/rate': 'changed the pace of job',
  'POST /admin/failover/:region': 'failed over',
  'POST /admin/regions/:region/drain': 'drained',
  'POST /admin/regions/:region/activate': 'failed back',
  'POST /v1/projections/rebuild': 'rebuilt the read models',
  'POST /v1/projections/verify': 'verified the read models',
  'PUT /v1/pauses/:pauseId': 'paused dispatches',
  'DELETE /v1/pauses/:pauseId': 'ended a pause of dispatches',
  'POST /v1/session-links': 'made a sign-in link',
};

/** What was done, in words; a command of a newer version as its method and route. */
export function actWords({ action, about }: Pick<Act, 'action' | 'about'>): ActWords {
  const what = VERBS[action] ?? action;
  const to = placeOf(action, about);
  return to === undefined ? { what } : { what, to };
}

function placeOf(action: string, about: Act['about']): ActWords['to'] {
  const { tenantId, id, region } = about;
  if (tenantId !== undefined && id !== undefined)
    return { name: id, href: `/endpoints/${encodeURIComponent(tenantId)}/${encodeURIComponent(id)}` };
  if (tenantId !== undefined) return { name: tenantId, href: `/endpoints?tenantId=${encodeURIComponent(tenantId)}` };
  if (id !== undefined && action.includes('/v1/jobs/')) return { name: id, href: `/jobs/${encodeURIComponent(id)}` };
  if (region !== undefined) return { name: region, href: '/' };
  const [name] = Object.values(about);
  return name === undefined ? undefined : { name };
}
