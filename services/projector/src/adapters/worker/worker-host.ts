import { Worker } from 'node:worker_threads';
import type { ProjectionState } from '../../application/keep-following.ts';
import { STOP, type WorkerInput, workerInputSchema, type WorkerPart, type WorkerStatus } from './protocol.ts';

/** The projections' thread, seen from the main one. */
export interface WorkerHost {
  /** What a part last said; not ok until it has said something. */
  stateOf(part: WorkerPart): ProjectionState;
  /** Lets the thread finish the batch in hand; gives up when `signal` aborts. */
  stop(signal: AbortSignal): Promise<void>;
}

export interface WorkerListeners {
  /** Told when a part becomes ok, stops being so, or says something else than before. */
  readonly onChange: (part: WorkerPart, state: ProjectionState) => void;
  /** Told once when the thread ended without being asked to. */
  readonly onCrash: (error: Error) => void;
}

/** Tests run the sources, with Node's own type stripping; otherwise built files run. */
const RUNS_SOURCES = import.meta.url.endsWith('.ts');
const STARTING: ProjectionState = { ok: false, detail: 'starting' };

/** Starts the thread that reads the LOG and writes the read models, away from the thread that serves. */
export function startWorker(config: WorkerInput, listeners: WorkerListeners): WorkerHost {
  // Parsed here to leave out what is not the thread's.
  const input = workerInputSchema.parse(config);
  const worker = new Worker(workerFile(), { workerData: input, execArgv: RUNS_SOURCES ? ['--conditions=source'] : [] });
  const states = new Map<WorkerPart, ProjectionState>();
  let stopping = false;
  worker.on('message', ({ part, state }: WorkerStatus) => {
    const before = states.get(part);
    states.set(part, state.seq === undefined && before?.seq !== undefined ? { ...state, seq: before.seq } : state);
    if (!stopping && (before?.ok !== state.ok || before.detail !== state.detail)) listeners.onChange(part, state);
  });
  worker.once('error', (error) => listeners.onCrash(error instanceof Error ? error : new Error(String(error))));
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      if (!stopping && code === 0) listeners.onCrash(new Error('the projection thread ended by itself'));
      resolve();
    });
  });
  return {
    stateOf: (part) => states.get(part) ?? STARTING,
    stop: async (signal) => {
      stopping = true;
      worker.postMessage(STOP);
      const terminate = (): void => void worker.terminate();
      if (signal.aborted) terminate();
      signal.addEventListener('abort', terminate, { once: true });
      await ended;
      signal.removeEventListener('abort', terminate);
    },
  };
}

const workerFile = (): URL => new URL(RUNS_SOURCES ? './worker-main.ts' : './worker-main.js', import.meta.url);
