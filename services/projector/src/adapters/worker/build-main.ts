import { parentPort, workerData } from 'node:worker_threads';
import { runBuild } from './build-worker.ts';
import { type BuildMessage, buildInputSchema } from './protocol.ts';

const input = buildInputSchema.parse(workerData);
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');

const stop = new AbortController();
port.on('message', () => stop.abort());
const tell = (message: BuildMessage): void => port.postMessage(message);
const built = await runBuild(input, (progress) => tell({ progress }), stop.signal).catch((error: unknown) => {
  if (!stop.signal.aborted) throw error;
  return undefined;
});
if (built !== undefined) tell({ built });
// Ends this thread, not the process: a connection that was still being tried would keep it alive.
process.exit(0);
