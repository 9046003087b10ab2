import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type LoadCounts, type LoadDone, loadReportSchema, type LoadSettings } from './messages.ts';

/** The load generator as its starter sees it. */
export interface LoadProcess {
  readonly pid: number;
  /** As of the last report, at most a quarter of a second old. */
  counts(): LoadCounts;
  /** Sends all events; resolves when all are answered and the records are saved. Rejects when the process ends before. */
  run(settings: LoadSettings): Promise<LoadDone>;
  /** Ends it; it has ended by itself after a run. */
  close(): void;
}

/** Starts the load generator in a process of its own; it waits for its settings. */
export async function startLoadProcess(): Promise<LoadProcess> {
  const child = fork(fileURLToPath(new URL('./load-main.js', import.meta.url)));
  let counts: LoadCounts = { sent: 0, accepted: 0, refused: 0, waiting: 0 };
  const { promise: ready, resolve: isReady } = Promise.withResolvers<undefined>();
  const { promise: done, resolve: isDone, reject: failed } = Promise.withResolvers<LoadDone>();
  child.on('message', (message) => {
    const report = loadReportSchema.parse(message);
    if (report.kind === 'ready') return isReady(undefined);
    counts = report.counts;
    if (report.kind === 'done') isDone(report);
    return undefined;
  });
  child.once('exit', (code) => failed(new Error(`the load generator ended with ${code ?? 'a signal'}`)));
  done.catch(() => undefined);
  await Promise.race([ready, done]);
  return {
    pid: child.pid ?? 0,
    counts: () => counts,
    run: (settings) => {
      child.send(settings);
      return done;
    },
    close: () => {
      if (child.connected) child.disconnect();
    },
  };
}
