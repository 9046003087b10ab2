import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A receiver of spans as its starter sees it. */
export interface SpanReceiver {
  readonly url: string;
  /** Spans so far, as of a tenth of a second ago. */
  spans(): number;
  close(): void;
}

const report = z.object({ port: z.number(), spans: z.number() });

/** Starts a receiver of spans in a process of its own, so that what it costs is not counted. */
export async function startSpanReceiver(): Promise<SpanReceiver> {
  const child = fork(fileURLToPath(new URL('./span-receiver-main.js', import.meta.url)));
  let spans = 0;
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the receiver of spans ended')));
    child.on('message', (message) => {
      const told = report.parse(message);
      spans = told.spans;
      resolve(told.port);
    });
  });
  return { url: `http://127.0.0.1:${port}`, spans: () => spans, close: () => child.disconnect() };
}
