import { z } from 'zod';
import type { LiveNotice } from '../../application/live/live-ports.ts';
import type { ProjectionState } from '../../application/keep-following.ts';
import type { Built, BuildProgress } from '../../application/rebuild/build-state.ts';
import type { BatchWork } from '../../application/watch-batches.ts';
import type { WorkerPart } from '../../application/rebuild/rebuild-ports.ts';

/** What the worker tells the main thread. */
export interface WorkerStatus {
  readonly part: WorkerPart;
  readonly state: ProjectionState;
}

/** What the worker sends: how a part of it is, what whoever follows live must know, or a batch that there is something to say of. */
export type WorkerMessage = WorkerStatus | { readonly live: LiveNotice } | { readonly work: BatchWork };

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
  DB_MIGRATIONS_TABLE: z.string().optional(),
  /** Which generation of the read models it writes. */
  generation: z.int().min(0).default(0),
  /** Whether it looks which messages are of recorded traces. */
  isTraced: z.boolean().default(false),
});
export type WorkerInput = z.output<typeof workerInputSchema>;

/** What a build is started with: `generation` is the one to build, `serving` the one to compare it with. */
export const buildInputSchema = workerInputSchema.extend({
  purpose: z.enum(['rebuild', 'verify']),
  serving: z.int().min(0),
});
export type BuildInput = z.output<typeof buildInputSchema>;

/** A command: finish what is in hand and end, or give up a store that a reader found damaged. */
export const commandSchema = z.discriminatedUnion('command', [
  z.object({ command: z.literal('stop') }),
  z.object({ command: z.literal('renew'), reason: z.string() }),
]);
export type Command = z.output<typeof commandSchema>;

/** What a build tells the main thread; `built` is its last word. */
export type BuildMessage = { readonly progress: BuildProgress } | { readonly built: Built };
