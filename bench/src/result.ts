import { z } from 'zod';
import { machineSchema } from './measure/machine.ts';

const latenciesSchema = z.object({ count: z.number(), p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() });

const costSchema = z.object({
  cpuMicrosPerEvent: z.number(),
  rssStart: z.number(),
  rssThird: z.number(),
  rssEnd: z.number(),
  rssMax: z.number(),
  growth: z.number(),
});

/** What a run of the bench found. Times in ms, sizes in bytes, rates per second. */
export const benchResultSchema = z.object({
  date: z.iso.datetime(),
  name: z.string(),
  commit: z.string(),
  machine: machineSchema,
  settings: z.object({
    rate: z.number(),
    events: z.number(),
    warmUpEvents: z.number(),
    endpoints: z.number(),
    fanOut: z.number(),
    payloadBytes: z.number(),
    failingPercent: z.number(),
    connections: z.number(),
    via: z.string(),
    /** Absent in results of before there were several. */
    regions: z.number().optional(),
    handOver: z.boolean().optional(),
  }),
  /** Correctness: what was accepted against what arrived, the warm-up included. */
  events: z.object({
    sent: z.number(),
    accepted: z.number(),
    refused: z.number(),
    answers: z.record(z.string(), z.number()),
    owed: z.number(),
    delivered: z.number(),
    missing: z.number(),
    repeated: z.number(),
    unexpected: z.number(),
    refusedOnPurpose: z.number(),
    /** Processes that were not the same at the end as at the start. */
    restarted: z.array(z.string()),
  }),
  speed: z.object({
    loadSeconds: z.number(),
    acceptedPerSecond: z.number(),
    /** Deliveries that arrived while the load went on, per second of it. */
    deliveredPerSecond: z.number(),
    /** All deliveries, per second from the first event to the last delivery. */
    deliveredPerSecondOverall: z.number(),
    ackMs: latenciesSchema,
    endToEndMs: latenciesSchema,
    /** What was not projected yet when the load ended, and how long after the load nothing was left. */
    projectorLag: z.number(),
    deliveryCatchUpMs: z.number(),
    projectorCatchUpMs: z.number(),
  }),
  processes: z.record(z.string(), costSchema),
  /** RSS of each process near a number of events, in bytes. */
  rssAt: z.record(z.string(), z.record(z.string(), z.number())),
});
export type BenchResult = z.infer<typeof benchResultSchema>;

/** Whether the run proved that nothing was lost. */
export const isSound = ({ events }: BenchResult): boolean => events.accepted > 0 && events.missing === 0 && events.restarted.length === 0;
