import { z } from 'zod';
import { ACK_EDGES_MS } from '../measures/histogram.ts';
import { factIds } from './fact-ids.ts';

/**
 * `intake.measured`: how one ingress answered between `from` and `at`, written every ten seconds in which it was asked anything. `ack`: how long answers to
 * accepted events took, from the request's first byte to its answer, as counts by bucket (see `ACK_EDGES_MS`). `refused`: answers that were none, by
 * their status.
 */
export const intakeMeasuredSchema = z.object({
  v: z.literal(1),
  region: z.string(),
  from: factIds.instant,
  at: factIds.instant,
  ack: z.array(z.int().min(0)).length(ACK_EDGES_MS.length + 1),
  refused: z.record(z.string(), z.int().min(0)),
});
export type IntakeMeasured = z.infer<typeof intakeMeasuredSchema>;
