import { DELIVERY_STATES, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { DISPATCH_STATES } from '../../domain/dispatch-rows.ts';
import { DEAD_LETTER_STATES } from '../../domain/recovery-rows.ts';
import { EVENT_STATES, TOTAL_SCOPES } from '../../domain/rows.ts';

/** What PostgreSQL takes in no text. */
const hasNoZero = (text: string): boolean => !text.includes('\0');
/** A text that the store is asked for. */
export const askedText = z.string().max(256).refine(hasNoZero, 'must not hold the character U+0000');
export const id = askedText.min(1);
export const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
/** From a time on, and before one. */
const range = { from: instant.optional(), to: instant.optional() };
const page = {
  limit: z.coerce.number().pipe(z.int().min(1).max(250)).default(50),
  iterator: z.string().min(1).max(1_024).optional(),
};

/** Of one event or dead letter. `payload=full`: large ones too, which are only named otherwise. */
export const payloadQuery = z.looseObject({ payload: z.literal('full').optional() });

/** `from` and `to`: when it was accepted. */
export const eventsQuery = z.strictObject({
  ...page,
  ...range,
  tenantId: id.optional(),
  eventType: id.optional(),
  state: z.enum(EVENT_STATES).optional(),
  region: id.optional(),
  source: id.optional(),
  correlationId: id.optional(),
});

/** `from` and `to`: when its event was accepted, or the job began that made it. */
export const deliveriesQuery = z.strictObject({
  ...page,
  ...range,
  tenantId: id.optional(),
  endpointId: id.optional(),
  state: z.enum(DELIVERY_STATES).optional(),
  eventId: id.optional(),
  jobId: id.optional(),
});

export const attemptsQuery = z
  .strictObject({ ...page, deliveryId: id.optional(), endpointId: id.optional() })
  .refine(({ deliveryId, endpointId }) => deliveryId !== undefined || endpointId !== undefined, {
    path: ['deliveryId'],
    message: 'give deliveryId or endpointId',
  });

export const regionHistoryQuery = z.strictObject({ ...page, region: id.optional() });

/** `from` and `to`: when it became a dead letter. */
export const deadLettersQuery = z.strictObject({
  ...page,
  state: z.enum(DEAD_LETTER_STATES).default('open'),
  tenantId: id.optional(),
  endpointId: id.optional(),
  reason: id.optional(),
  eventType: id.optional(),
  region: id.optional(),
  ...range,
});

export const deadLetterGroupsQuery = z.strictObject({ ...page, tenantId: id.optional(), region: id.optional() });

/** `action`: how the action begins, as `PUT /v1/tenants`. */
export const managementActionsQuery = z.strictObject({ ...page, actor: id.optional(), action: id.optional() });

/** `id` names the tenant, endpoint, region or job; the scope `all` has none. */
export const totalsQuery = z
  .strictObject({ scope: z.enum(TOTAL_SCOPES).default('all'), id: id.optional() })
  .refine((query) => (query.scope === 'all') === (query.id === undefined), {
    path: ['id'],
    message: 'give the id of the tenant, endpoint, region or job, and none for the scope all',
  });

/** `repository`: the source, as owner/name; `workflow`: its workflow file. */
export const dispatchesQuery = z.strictObject({
  ...page,
  repository: id.optional(),
  workflow: id.optional(),
  state: z.enum(DISPATCH_STATES).optional(),
  tenantId: id.optional(),
  region: id.optional(),
});

/** Dispatches are not counted by endpoint. */
export const dispatchTotalsQuery = z
  .strictObject({ scope: z.enum(['all', 'tenant', 'region']).default('all'), id: id.optional() })
  .refine((query) => (query.scope === 'all') === (query.id === undefined), {
    path: ['id'],
    message: 'give the id of the tenant or region, and none for the scope all',
  });

/** Parses query parameters. Throws WB_SCHEMA_VIOLATION that names each one that does not fit. */
export function parseQuery<S extends z.ZodType>(schema: S, query: unknown): z.output<S> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap(fieldErrors);
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new WaybillError('WB_SCHEMA_VIOLATION', detail, { extra: { errors } });
}

function fieldErrors(issue: z.core.$ZodIssue): { path: string; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path.join('.') || 'query', message: issue.message }];
  return issue.keys.map((key) => ({ path: key, message: 'there is no such filter' }));
}
