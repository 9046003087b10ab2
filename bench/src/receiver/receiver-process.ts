import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type ReceiverOrder, receiverReportSchema } from './messages.ts';

export interface ReceiverCounts {
  readonly succeeded: number;
  readonly failedOnPurpose: number;
  /** Requests that were no deliveries: no event id, or not HTTP/1.1 with a length. */
  readonly unreadable: number;
}

/** The receiver as its starter sees it. Endpoint number n is at `${url}/e/${n}`. */
export interface ReceiverProcess {
  readonly url: string;
  readonly pid: number;
  /** As of the last report, at most a quarter of a second old. */
  counts(): ReceiverCounts;
  /** Writes all arrivals so far to a file, see `readRecords`. */
  save(file: string): Promise<void>;
  /** From now on these endpoints, and only these, answer everything with this status. None: all are well again. */
  refuse(endpoints: readonly number[], status: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts the receiver in a process of its own. It answers the first request of `failingPercent` of the deliveries with 503. */
export async function startReceiverProcess(failingPercent: number): Promise<ReceiverProcess> {
  const child = fork(fileURLToPath(new URL('./receiver-main.js', import.meta.url)), [String(failingPercent)]);
  let counts: ReceiverCounts = { succeeded: 0, failedOnPurpose: 0, unreadable: 0 };
  let saved: (() => void) | undefined;
  let refusing: (() => void) | undefined;
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the receiver ended')));
    child.on('message', (message) => {
      const report = receiverReportSchema.parse(message);
      if (report.kind === 'listening') resolve(report.port);
      if (report.kind === 'progress') counts = report;
      if (report.kind === 'saved') saved?.();
      if (report.kind === 'refusing') refusing?.();
    });
  });
  const order = (what: ReceiverOrder): boolean => child.send(what);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    counts: () => counts,
    save: (file) =>
      new Promise((resolve) => {
        saved = resolve;
        order({ kind: 'save', file });
      }),
    refuse: (endpoints, status) =>
      new Promise((resolve) => {
        refusing = resolve;
        order({ kind: 'refuse', endpoints: [...endpoints], status });
      }),
    close: () => end(child, () => order({ kind: 'quit' })),
  };
}

async function end(child: ChildProcess, quit: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  quit();
  await gone;
}
