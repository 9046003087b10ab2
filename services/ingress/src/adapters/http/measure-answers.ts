import { z } from 'zod';

const counters = z.record(z.string(), z.int());
const instant = z.iso.datetime();

const quantilesSchema = z.object({ p50Ms: z.number(), p95Ms: z.number(), p99Ms: z.number(), count: z.int() }).meta({ id: 'Quantiles' });

/** What happened in one bucket of time, and how long it took. */
const bucketSchema = z
  .object({
    at: instant,
    events: z.int(),
    deliveries: z.int(),
    delivered: z.int(),
    deadLettered: z.int(),
    denied: z.int(),
    attempts: z.int(),
    failedAttempts: z.int(),
    refused: z.int(),
    ack: quantilesSchema.nullable(),
    processing: quantilesSchema.nullable(),
    attempt: quantilesSchema.nullable(),
  })
  .meta({ id: 'Bucket' });

const totals = { deliveries: counters, attempts: counters, deadLetters: counters };

export const totalsSchema = z.object({ scope: z.string(), id: z.string().nullable(), events: counters, ...totals }).meta({ id: 'Totals' });

export const seriesSchema = z
  .object({ scope: z.string(), id: z.string().nullable(), grain: z.string(), from: instant, to: instant, data: z.array(bucketSchema) })
  .meta({ id: 'Series' });

export const regionStatsSchema = z
  .object({
    data: z.array(
      z.object({
        region: z.string(),
        totals: z.object({ events: counters, ...totals }),
        oldestOpen: z.object({ deliveryId: z.string(), at: instant }).nullable(),
        minute: bucketSchema.nullable(),
        hour: bucketSchema.nullable(),
      }),
    ),
  })
  .meta({ id: 'RegionStats' });

export const endpointStatsSchema = z
  .object({
    data: z.array(
      z.object({
        endpointId: z.string(),
        totals: z.object(totals),
        hour: bucketSchema.nullable(),
        day: bucketSchema.nullable(),
        lastAttempt: z.looseObject({ deliveryId: z.string(), at: instant, outcome: z.string() }).nullable(),
      }),
    ),
  })
  .meta({ id: 'EndpointStats' });

export const schemaCountsSchema = z
  .object({
    day: z.iso.date().nullable(),
    data: z.array(z.object({ eventType: z.string(), version: z.int(), verdict: z.string(), count: z.int() })),
    whatIf: z.array(z.object({ eventType: z.string(), minCompatible: z.int(), refused: z.int() })),
    done: z.boolean(),
    iterator: z.string().nullable(),
  })
  .meta({ id: 'SchemaCounts' });

export const foundSchema = z
  .object({
    data: z.array(
      z.object({
        kind: z.enum(['event', 'delivery', 'endpoint', 'tenant', 'dispatch', 'correlation']),
        id: z.string(),
        tenantId: z.string().optional(),
        title: z.string(),
        detail: z.string(),
        at: instant.optional(),
      }),
    ),
  })
  .meta({ id: 'Found' });
