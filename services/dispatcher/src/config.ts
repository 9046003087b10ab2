import { bodyVariables } from '@waybill/bodies';
import { egressVariables } from '@waybill/egress';
import { baseConfigSchema, wholeNumber } from '@waybill/runtime';
import { z } from 'zod';

const count = (max: number) => wholeNumber.pipe(z.int().min(1).max(max));

/** What the dispatcher reads from the environment. */
export const dispatcherConfigSchema = baseConfigSchema.extend({
  /** Attempts in flight altogether; also how many plans are in hand at once. */
  DISPATCHER_CONCURRENCY: count(4_000).default(512),
  /** Attempts in flight to one endpoint. */
  ENDPOINT_CONCURRENCY: count(1_000).default(20),
  /** Time for one attempt: name, connection, headers and body together. */
  REQUEST_TIMEOUT_MS: wholeNumber.pipe(z.int().min(100).max(120_000)).default(15_000),
  /** Retries after the first attempt; absent: as many as the schedule has. */
  MAX_PROCESSING_RETRIES: wholeNumber.pipe(z.int().min(0).max(100)).optional(),
  /** Wait before the first retry; the others grow in the schedule's proportion. Absent: 5 s. */
  RETRY_BASE_DELAY_MS: count(86_400_000).optional(),
  /** JetStream domain of the control bucket. Unused with a single region. */
  CONTROL_DOMAIN: z.string().default('hub'),
  /** Time from one share of its work to the next for a region that returns. */
  RECOVERY_STEP_SECONDS: count(86_400).default(60),
  /** How long a region that is drained works off what waits; the rest is left to those that stand in. */
  DRAIN_TIMEOUT_SECONDS: count(86_400).default(60),
  ...egressVariables,
  ...bodyVariables,
  /** An endpoint that failed for this long without one success is disabled. */
  AUTO_DISABLE_AFTER_SECONDS: count(31_536_000).default(432_000),
  /** The longest wait that a receiver may ask for. */
  MAX_RETRY_AFTER_SECONDS: count(604_800).default(86_400),
});
export type DispatcherConfig = z.output<typeof dispatcherConfigSchema>;
