import { z } from 'zod';

const attributes = z.record(z.string(), z.unknown());

/** One span of a trace, as it is kept and shown. Times in ms since 1970 with fractions, as the machine that did it had them. */
const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  /** Absent: it is the first of its trace. It need not be among the spans. */
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.enum(['internal', 'server', 'client', 'producer', 'consumer']),
  service: z.string(),
  region: z.string(),
  startMs: z.number(),
  endMs: z.number(),
  attributes,
  /** Why it failed; absent: it did not. */
  error: z.string().optional(),
  events: z.array(z.object({ name: z.string(), atMs: z.number(), attributes })),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })),
});

/** What `GET /v1/traces/{id}` answers. */
export const traceViewSchema = z
  .object({
    traceId: z.string(),
    isWhole: z.boolean().meta({ description: 'False: a span is missing, because it has not come yet, was not kept, or is not ours' }),
    spans: z.array(spanSchema).meta({ description: 'By start' }),
    related: z
      .array(
        z.object({
          traceId: z.string(),
          name: z.string(),
          startMs: z.number(),
          because: z.enum(['links here', 'linked from here', 'same event', 'batch']),
        }),
      )
      .meta({ description: 'Late attempts, replays and what led to this by start, then batches that read it; at most 50' }),
  })
  .meta({ id: 'Trace' });
export type TraceView = z.output<typeof traceViewSchema>;
export type Span = TraceView['spans'][number];
