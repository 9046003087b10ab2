import { parentPort, workerData } from 'node:worker_threads';
import { runProjections } from './projection-worker.ts';
import { STOP, workerInputSchema, type WorkerPart, type WorkerStatus } from './protocol.ts';

const input = workerInputSchema.parse(workerData);
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');

const stop = new AbortController();
port.on('message', (message) => {
  if (message === STOP) stop.abort();
});
const tell =
  (part: WorkerPart) =>
  (state: WorkerStatus['state']): void =>
    port.postMessage({ part, state } satisfies WorkerStatus);
await runProjections(input, tell, stop.signal);
// Ends this thread, not the process: a connection that was still being tried would keep it alive.
process.exit(0);
