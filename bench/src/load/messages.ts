import { z } from 'zod';

/** What the load process is to do; given once, as its first message. */
export const loadSettingsSchema = z.object({
  url: z.string(),
  adminKey: z.string(),
  tenant: z.string(),
  source: z.string(),
  secret: z.string(),
  via: z.enum(['webhook', 'api', 'both']),
  /** Events a second; 0: as fast as answers come back. */
  rate: z.number(),
  events: z.number(),
  connections: z.number(),
  payloadBytes: z.number(),
  /** Events take turns among this many types, `bench.t0` and so on. */
  eventTypes: z.number(),
  /** Distinguishes the idempotency keys of one run from those of another. */
  run: z.string(),
  file: z.string(),
});
export type LoadSettings = z.infer<typeof loadSettingsSchema>;

const countsSchema = z.object({ sent: z.number(), accepted: z.number(), refused: z.number(), waiting: z.number() });
export type LoadCounts = z.infer<typeof countsSchema>;

/** Told by the load process. `done` comes after the records of all accepted events are in the file. */
export const loadReportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('progress'), counts: countsSchema }),
  z.object({
    kind: z.literal('done'),
    counts: countsSchema,
    /** Answers by status; `error` and a name for requests without one. */
    answers: z.record(z.string(), z.number()),
    startMs: z.number(),
    endMs: z.number(),
  }),
]);
export type LoadReport = z.infer<typeof loadReportSchema>;
export type LoadDone = Extract<LoadReport, { kind: 'done' }>;
