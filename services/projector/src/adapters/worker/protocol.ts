import { z } from 'zod';
import type { ProjectionState } from '../../application/keep-following.ts';

/** Parts of the worker whose state shows in health: the three projections, its database and its connection. */
export type WorkerPart = 'log' | 'peers' | 'registry' | 'database' | 'nats';

/** What the worker tells the main thread. */
export interface WorkerStatus {
  readonly part: WorkerPart;
  readonly state: ProjectionState;
}

/**
 * What the worker is started with. A schema of its own, because the service's configuration comes with Nest, which the thread needs nothing of
 * and which plain Node cannot run from sources.
 */
export const workerInputSchema = z.object({
  REGION: z.string(),
  nats: z.object({
    servers: z.string(),
    user: z.string().optional(),
    password: z.string().optional(),
    inboxPrefix: z.string(),
    name: z.string(),
  }),
  DATABASE_URL: z.string().optional(),
  DATA_DIR: z.string(),
});
export type WorkerInput = z.output<typeof workerInputSchema>;

/** The one command: finish what is in hand and end. */
export const STOP = 'stop';
