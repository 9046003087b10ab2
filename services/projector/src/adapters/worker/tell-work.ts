import { randomBytes } from 'node:crypto';
import { CONSUMERS, parseFactSubject } from '@waybill/contracts';
import { ATTRIBUTES, SPANS, type Tracing, type WorkLog } from '@waybill/runtime';
import { type BatchWork, SLOW_MS, type TracedMessage } from '../../application/watch-batches.ts';

/** Where the work of the projection thread is told. */
export interface WorkTold {
  readonly region: string;
  readonly tracing: Tracing;
  readonly lines: WorkLog;
}

const TRACE_ID_BYTES = 16;

/**
 * Tells what the thread did: a span in the trace of each message that is recorded, one of the batch that leads to them all, and a line when it failed or was
 * slow. A batch that failed has no spans, for it is read again; what was committed and is read again all the same, after a crash, has two.
 */
export function tellWork(work: BatchWork, told: WorkTold): void {
  tellLine(work, told.lines);
  if (work.failed !== undefined || work.traced.length === 0) return;
  for (const message of work.traced) recordMessage(message, work, told);
  recordBatch(work, told);
}

function tellLine({ failed, startMs, endMs, stream, seq, messages }: BatchWork, lines: WorkLog): void {
  const durationMs = Math.round(endMs - startMs);
  const line = { work: 'project', durationMs, stream, seq, messages } as const;
  if (failed !== undefined) lines.failed({ ...line, outcome: 'failed', reason: failed });
  else if (durationMs >= SLOW_MS) lines.done({ ...line, outcome: 'slow' });
}

const aboutWork = ({ stream }: BatchWork, region: string) => ({
  [ATTRIBUTES.system]: 'nats',
  [ATTRIBUTES.operation]: 'project',
  [ATTRIBUTES.operationType]: 'process',
  [ATTRIBUTES.stream]: stream,
  [ATTRIBUTES.consumer]: CONSUMERS.projector,
  [ATTRIBUTES.cloudRegion]: region,
});

function recordMessage({ subject, place }: TracedMessage, work: BatchWork, { tracing, region }: WorkTold): void {
  const context = tracing.childOf(place);
  if (context === undefined) return;
  const { type = 'message', region: writtenIn } = parseFactSubject(subject) ?? {};
  const attributes = {
    ...aboutWork(work, region),
    [ATTRIBUTES.destination]: `wb.{region}.{scope}.${type}`,
    [ATTRIBUTES.regionLog]: writtenIn,
    [ATTRIBUTES.regionExecuted]: region,
  };
  const { startMs, endMs } = work;
  tracing.record({ name: SPANS.project(type), kind: 'consumer', context, parent: place, startMs, endMs, attributes });
}

function recordBatch(work: BatchWork, { tracing, region }: WorkTold): void {
  const context = tracing.begin(randomBytes(TRACE_ID_BYTES).toString('hex'), true);
  if (context === undefined) return;
  const { startMs, endMs, messages, traced } = work;
  const attributes = { ...aboutWork(work, region), [ATTRIBUTES.batchCount]: messages };
  const links = traced.map(({ place }) => place);
  tracing.record({ name: SPANS.projectBatch, kind: 'consumer', context, links, startMs, endMs, attributes });
}
