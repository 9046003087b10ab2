import { WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { GRAIN_MS, GRAINS, type Grain } from '../../domain/rollup-rows.ts';
import { ROLLUP_SCOPES } from '../../domain/rows.ts';
import { bucketStart } from '../queries/rollups.ts';
import { askedText, id, instant } from './query-schemas.ts';

/** Buckets that one answer holds. */
const MOST_BUCKETS = 500;
/** Buckets of an answer when no time is given: two hours, two days, a month. */
const USUAL_BUCKETS: Readonly<Record<Grain, number>> = { minute: 120, hour: 48, day: 31 };
const HAS_MINUTES: ReadonlySet<string> = new Set(['all', 'region']);

/** `id` names the tenant, endpoint or region; the scope `all` has none. Minutes are kept of everything and of regions. */
export const seriesQuery = z
  .strictObject({
    scope: z.enum(ROLLUP_SCOPES).default('all'),
    id: id.optional(),
    grain: z.enum(GRAINS).default('hour'),
    from: instant.optional(),
    to: instant.optional(),
  })
  .refine((query) => (query.scope === 'all') === (query.id === undefined), {
    path: ['id'],
    message: 'give the id of the tenant, endpoint or region, and none for the scope all',
  })
  .refine(({ grain, scope }) => grain !== 'minute' || HAS_MINUTES.has(scope), {
    path: ['grain'],
    message: 'minutes are kept for the scopes all and region; use hour or day',
  });

/**
 * The bounds of a series: the bucket of `from` is the first one. Without `to` it ends with the bucket of now; without `from` it is as long as it usually is.
 * Throws WB_SCHEMA_VIOLATION when that makes none, or more than 500 buckets.
 */
export function seriesBounds({ grain, from, to }: Pick<z.output<typeof seriesQuery>, 'grain' | 'from' | 'to'>, nowMs: number) {
  const bucketMs = GRAIN_MS[grain];
  const until = Math.ceil((to ?? nowMs + 1) / bucketMs) * bucketMs;
  const since = from === undefined ? until - USUAL_BUCKETS[grain] * bucketMs : bucketStart(grain, from);
  const buckets = (until - since) / bucketMs;
  if (buckets < 1) throw refused('from', 'must be before to');
  if (buckets > MOST_BUCKETS)
    throw refused('from', `${buckets} buckets of a ${grain} are more than ${MOST_BUCKETS}; ask for less, or a longer grain`);
  return { from: since, to: until };
}

function refused(path: string, message: string): WaybillError {
  return new WaybillError('WB_SCHEMA_VIOLATION', `${path}: ${message}`, { extra: { errors: [{ path, message }] } });
}

const MOST_ENDPOINTS = 100;

/** `ids`: of endpoints, with commas between them. */
export const endpointStatsQuery = z.strictObject({
  ids: z
    .string()
    .transform((text) => [...new Set(text.split(',').filter((one) => one !== ''))])
    .pipe(z.array(id).min(1).max(MOST_ENDPOINTS)),
});

/** `day`: of acceptance, in UTC; none: ever. */
export const schemasQuery = z.strictObject({
  day: z.iso
    .date()
    .transform((text) => Date.parse(text))
    .optional(),
  limit: z.coerce.number().pipe(z.int().min(1).max(250)).default(50),
  iterator: z.string().min(1).max(1_024).optional(),
});

export const searchQuery = z.strictObject({ q: askedText.trim().min(2).max(200) });
