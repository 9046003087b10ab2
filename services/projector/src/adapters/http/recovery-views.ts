import { z } from 'zod';
import type { InstructionRow, ManagementActionRow, Settled } from '../../domain/recovery-rows.ts';
import type { DeadLetterRow } from '../../domain/rows.ts';
import type { DeadLetterPlaces } from '../queries/dead-letters.ts';
import type { DeadLetterGroup } from '../queries/lists.ts';
import type { DeliveryStory } from '../queries/story.ts';
import { iso, maybeIso } from './views.ts';

/** A dead letter. `event` and `plan` are where this region's streams have them; null where they do not. */
export const deadLetterView = (row: DeadLetterRow, places: DeadLetterPlaces | undefined) => ({
  id: row.id,
  kind: row.kind,
  at: iso(row.at),
  tenantId: row.tenant_id,
  endpointId: row.endpoint_id || null,
  eventId: row.event_id,
  eventType: row.event_type,
  region: row.region,
  scope: row.scope,
  reason: row.reason,
  detail: row.detail,
  httpStatus: row.http_status,
  state: row.state,
  resolved: resolvedView(row),
  event: places?.event ?? null,
  plan: places?.plan ?? null,
});

/** How it was settled: by the job that redrove it, or by who discarded it. Null while it is open. */
const resolvedView = ({ resolved_at: at, job_id: jobId, actor, resolved_reason: reason }: Settled) =>
  at === null ? null : { at: iso(at), jobId, actor, reason };

export const groupView = (row: DeadLetterGroup) => ({
  tenantId: row.tenant_id,
  endpointId: row.endpoint_id || null,
  reason: row.reason,
  region: row.region,
  count: row.open,
  oldest: maybeIso(row.oldest),
  newest: maybeIso(row.newest),
});

/** The deliveries that jobs made in the place of one. */
export const replacementsView = ({ replacements }: DeliveryStory) =>
  replacements.map(({ id, job_id: jobId, at, state }) => ({ deliveryId: id, jobId, plannedAt: iso(at), state }));

export const instructionView = (row: InstructionRow) => ({
  at: iso(row.at),
  region: row.origin_region,
  instruction: row.instruction,
  actor: row.actor,
  reason: row.reason,
});

const aboutSchema = z.record(z.string(), z.string());

export const managementActionView = (row: ManagementActionRow) => ({
  at: iso(row.at),
  region: row.origin_region,
  action: row.action,
  about: aboutSchema.parse(JSON.parse(row.about)),
  status: row.status,
  actor: row.actor,
  reason: row.reason,
  requestId: row.request_id,
});
