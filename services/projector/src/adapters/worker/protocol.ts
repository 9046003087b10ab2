import type { ProjectionState } from '../../application/keep-following.ts';
import type { ProjectorConfig } from '../../config.ts';

/** Parts of the worker whose state shows in health: the two projections, its database and its connection. */
export type WorkerPart = 'log' | 'registry' | 'database' | 'nats';

/** What the worker tells the main thread. */
export interface WorkerStatus {
  readonly part: WorkerPart;
  readonly state: ProjectionState;
}

/** What the worker is started with. */
export type WorkerInput = Pick<
  ProjectorConfig,
  'REGION' | 'NATS_URL' | 'NATS_USER' | 'NATS_PASSWORD' | 'DATABASE_URL' | 'DATA_DIR'
>;

/** The one command: finish what is in hand and end. */
export const STOP = 'stop';
