import { DELIVERY_STATES } from '@waybill/contracts';
import { z } from 'zod';
import { DEAD_LETTER_STATES } from '../../application/dead-letters/dead-letter-reads.ts';

/** Query parameters of what the projector answers, as `/openapi.json` describes them; the projector checks them. */
export const page = {
  limit: z.int().min(1).max(250),
  iterator: z.string().meta({ description: 'From an earlier page' }),
};

const range = (of: string) => ({
  from: z.iso.datetime().meta({ description: `${of}, inclusive` }),
  to: z.iso.datetime().meta({ description: `${of}, exclusive` }),
});

export const eventsQuery = {
  tenantId: z.string(),
  eventType: z.string(),
  state: z.enum(['accepted', 'planned', 'unmatched', 'refused']),
  region: z.string().meta({ description: 'That accepted it' }),
  source: z.string(),
  correlationId: z.string().meta({ description: 'What it belongs to; the id of an event that belongs to nothing else' }),
  ...range('Time of acceptance'),
  ...page,
};

export const deliveriesQuery = {
  tenantId: z.string(),
  endpointId: z.string(),
  state: z.enum(DELIVERY_STATES),
  eventId: z.string(),
  jobId: z.string().meta({ description: 'The job that made it' }),
  ...range("Time of its event's acceptance, or when the job began that made it"),
  ...page,
};

export const attemptsQuery = {
  deliveryId: z.string().meta({ description: 'Give this or endpointId' }),
  endpointId: z.string(),
  ...page,
};

export const deadLettersQuery = {
  state: z.enum(DEAD_LETTER_STATES).default('open'),
  tenantId: z.string(),
  endpointId: z.string(),
  reason: z.string(),
  eventType: z.string(),
  region: z.string().meta({ description: 'That made it a dead letter' }),
  ...range('Time of the dead letter'),
  ...page,
};

export const dispatchesQuery = {
  repository: z.string().meta({ description: 'Where the run was (the source), as owner/name' }),
  workflow: z.string().meta({ description: 'Workflow file of the run, as ci.yml' }),
  state: z
    .enum(['skipped', 'denied', 'open', 'failed', 'done'])
    .meta({ description: 'How all that the run led to stands together; denied: nothing was allowed; done: all that was allowed started' }),
  tenantId: z.string().meta({ description: 'gh-<owner of the source>' }),
  region: z.string().meta({ description: 'That decided' }),
  ...page,
};

const scope = z.enum(['all', 'tenant', 'endpoint', 'region']).default('all');

const id = z.string().meta({ description: 'Of the tenant, endpoint or region; none for the scope all' });
/** Of what a job made there are counters, and no measures over time. */
export const totalsQuery = {
  scope: z.enum(['all', 'tenant', 'endpoint', 'region', 'job']).default('all'),
  id: z.string().meta({ description: 'Of the tenant, endpoint, region or job; none for the scope all' }),
};

export const seriesQuery = {
  scope,
  id,
  grain: z
    .enum(['minute', 'hour', 'day'])
    .default('hour')
    .meta({ description: 'Minutes are kept for the scopes all and region, and for 8 days' }),
  from: z.iso.datetime().meta({ description: 'In the first bucket; absent: 120 minutes, 48 hours or 31 days before the end' }),
  to: z.iso.datetime().meta({ description: 'End, exclusive; absent: now' }),
};

export const endpointStatsQuery = { ids: z.string().meta({ description: 'Up to 100 ids of endpoints, with commas between them' }) };

export const schemasQuery = { day: z.iso.date().meta({ description: 'UTC day of acceptance; absent: ever' }), ...page };

export const searchQuery = {
  q: z
    .string()
    .min(2)
    .max(200)
    .meta({ description: 'An id or its beginning, the beginning of a URL or tenant id, a whole correlation id, or owner/name' }),
};
