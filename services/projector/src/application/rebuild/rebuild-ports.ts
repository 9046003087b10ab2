import type { ProjectionState } from '../keep-following.ts';
import type { Built, BuildProgress } from './build-state.ts';
import type { Build, Generations, Purpose } from './ledger.ts';

/** Parts of the projection whose state shows in health: the three streams, its database and its connection. */
export type WorkerPart = 'log' | 'peers' | 'registry' | 'database' | 'nats';

/** A projection that keeps a generation up to date. */
export interface Serving {
  stateOf(part: WorkerPart): ProjectionState;
  hasSpoken(part: WorkerPart): boolean;
  renew(reason: string): void;
  stop(signal: AbortSignal): Promise<void>;
}

/** A build under way. `ended` rejects when it must be begun anew. */
export interface Building {
  readonly ended: Promise<Built>;
  stop(signal: AbortSignal): Promise<void>;
}

/** What came of a build that is over. */
export interface LastBuild {
  readonly purpose: Purpose;
  readonly generation: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly outcome: 'serving' | 'compared' | 'failed';
  readonly built: Built | null;
  readonly detail: string | null;
}

/** What rebuilding needs from outside. */
export interface RebuildPorts {
  readonly generations: Generations;
  /** Starts the projection of a generation. */
  readonly serve: (generation: number) => Serving;
  readonly build: (build: Build, serving: number, onProgress: (progress: BuildProgress) => void) => Building;
  /** Makes reads go to another generation from now on; those under way are finished where they are. */
  readonly readFrom: (generation: number) => void;
  /** Waits; an abort ends the wait early and is no error. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly tell: (event: RebuildEvent) => void;
}

/** What an operator should find in the log. */
export type RebuildEvent =
  | { readonly kind: 'store_away'; readonly detail: string }
  | { readonly kind: 'begun'; readonly build: Build; readonly attempt: number }
  | { readonly kind: 'failed'; readonly build: Build; readonly detail: string }
  | { readonly kind: 'over'; readonly last: LastBuild };
