import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { z } from 'zod';
import type { LiveNotice } from '../../application/live/live-ports.ts';
import type { ProjectionState } from '../../application/keep-following.ts';
import type { BatchWork } from '../../application/watch-batches.ts';
import type { WorkerPart } from '../../application/rebuild/rebuild-ports.ts';
import { type Command, workerInputSchema, type WorkerMessage } from './protocol.ts';

/** The projections' thread, seen from the main one. */
export interface WorkerHost {
  /** What a part last said; not ok until it has said something. */
  stateOf(part: WorkerPart): ProjectionState;
  /** Whether a part has said anything. */
  hasSpoken(part: WorkerPart): boolean;
  /** Tells the thread that a reader found the store damaged: it puts it aside and makes a new one. */
  renew(reason: string): void;
  /** Lets the thread finish the batch in hand; gives up when `signal` aborts. */
  stop(signal: AbortSignal): Promise<void>;
}

export interface WorkerListeners {
  /** Told when a part becomes ok, stops being so, or says something else than before. */
  readonly onChange: (part: WorkerPart, state: ProjectionState) => void;
  /** Told what whoever follows live must know, in order. */
  readonly onLive?: (notice: LiveNotice) => void;
  /** Told of batches that failed, were slow, or hold a message whose trace is recorded. */
  readonly onWork?: (work: BatchWork) => void;
  /** Told once when the thread ended without being asked to. */
  readonly onCrash: (error: Error) => void;
}

/** Tests run the sources, with Node's own type stripping; otherwise built files run. */
const RUNS_SOURCES = import.meta.url.endsWith('.ts');
const STARTING: ProjectionState = { ok: false, detail: 'starting' };

/** Starts the thread that reads the LOG and writes the read models, away from the thread that serves. */
export function startWorker(config: z.input<typeof workerInputSchema>, listeners: WorkerListeners): WorkerHost {
  // Parsed here to leave out what is not the thread's.
  const worker = startThread('worker-main', workerInputSchema.parse(config));
  const states = new Map<WorkerPart, ProjectionState>();
  let stopping = false;
  worker.on('message', (message: WorkerMessage) => {
    if ('live' in message) return listeners.onLive?.(message.live);
    if ('work' in message) return listeners.onWork?.(message.work);
    const { part, state } = message;
    const before = states.get(part);
    states.set(part, state.seq === undefined && before?.seq !== undefined ? { ...state, seq: before.seq } : state);
    if (!stopping && (before?.ok !== state.ok || before.detail !== state.detail)) listeners.onChange(part, state);
  });
  worker.once('error', (error) => listeners.onCrash(error instanceof Error ? error : new Error(String(error))));
  worker.once('exit', (code) => {
    if (!stopping && code === 0) listeners.onCrash(new Error('the projection thread ended by itself'));
  });
  return {
    stateOf: (part) => states.get(part) ?? STARTING,
    hasSpoken: (part) => states.has(part),
    renew: (reason) => worker.postMessage({ command: 'renew', reason } satisfies Command),
    stop: (signal) => {
      stopping = true;
      return stopThread(worker, signal);
    },
  };
}

/** Starts one of the threads of this folder. */
export function startThread(file: 'worker-main' | 'build-main', input: unknown, resourceLimits: ResourceLimits = {}): Worker {
  const url = new URL(`./${file}.${RUNS_SOURCES ? 'ts' : 'js'}`, import.meta.url);
  return new Worker(url, { workerData: input, execArgv: RUNS_SOURCES ? ['--conditions=source'] : [], resourceLimits });
}

/** Asks a thread to end, and makes it when `signal` aborts. */
export async function stopThread(worker: Worker, signal: AbortSignal): Promise<void> {
  // A thread that has ended says so no more.
  if (worker.threadId === -1) return;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.postMessage({ command: 'stop' } satisfies Command);
  const terminate = (): void => void worker.terminate();
  if (signal.aborted) terminate();
  signal.addEventListener('abort', terminate, { once: true });
  await ended;
  signal.removeEventListener('abort', terminate);
}
