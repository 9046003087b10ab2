import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerPart } from '../../application/rebuild/rebuild-ports.ts';
import type { TellLive, TellWork } from './following.ts';
import { runProjections } from './projection-worker.ts';
import { commandSchema, workerInputSchema, type WorkerMessage, type WorkerStatus } from './protocol.ts';

const input = workerInputSchema.parse(workerData);
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');

const stop = new AbortController();
const listeners = new Set<(reason: string) => void>();
port.on('message', (message) => {
  const command = commandSchema.parse(message);
  if (command.command === 'stop') stop.abort();
  else for (const listener of listeners) listener(command.reason);
});
const onDamage = (listener: (reason: string) => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};
const tell =
  (part: WorkerPart) =>
  (state: WorkerStatus['state']): void =>
    port.postMessage({ part, state } satisfies WorkerMessage);
const tellLive: TellLive = (live) => port.postMessage({ live } satisfies WorkerMessage);
const tellWork: TellWork = (work) => port.postMessage({ work } satisfies WorkerMessage);
await runProjections(input, { tell, tellLive, tellWork }, { stop: stop.signal, onDamage });
// Ends this thread, not the process: a connection that was still being tried would keep it alive.
process.exit(0);
