import { createLogger, type SpanRecord, type Tracing, WorkLog } from '@waybill/runtime';
import { describe, expect, it } from 'vitest';
import type { BatchWork } from '../../application/watch-batches.ts';
import { tellWork } from './tell-work.ts';

const place = (n: number) => ({ traceId: String(n).padStart(32, '0'), spanId: '1'.repeat(16) });
const WORK: BatchWork = { stream: 'LOG_US', messages: 5, seq: 9, startMs: 1_000.5, endMs: 1_003, traced: [] };
const TRACED = { subject: 'wb.us.g.event.accepted', seq: 8, place: place(1) };

function told(work: BatchWork) {
  const spans: SpanRecord[] = [];
  const tracing: Tracing = {
    isOn: true,
    begin: (traceId) => ({ traceId, spanId: traceId.slice(16) }),
    join: (parent) => parent,
    childOf: (parent) => parent && { ...parent, spanId: '2'.repeat(16) },
    record: (span) => void spans.push(span),
    close: async () => undefined,
  };
  const lines: Record<string, unknown>[] = [];
  const about = { service: 'projector', region: 'eu', level: 'info' };
  const logger = createLogger(about, { write: (line: string) => void lines.push(JSON.parse(line)) });
  tellWork(work, { region: 'eu', tracing, lines: new WorkLog(logger, { perSecond: 1 }) });
  return { spans, lines };
}

describe('what is told of a batch', () => {
  it('is a span in the trace of each recorded message, from the start of the batch to its commit, and one that leads to them', () => {
    const other = { subject: 'wb.us.g.plan.made.eu', seq: 9, place: place(2) };
    const { spans, lines } = told({ ...WORK, traced: [TRACED, other] });
    expect(lines).toEqual([]);
    expect(spans).toMatchObject([
      {
        name: 'project event.accepted',
        kind: 'consumer',
        context: { traceId: place(1).traceId },
        parent: place(1),
        startMs: 1_000.5,
        endMs: 1_003,
        attributes: { 'cloud.region': 'eu', 'waybill.region.log': 'us', 'messaging.destination.name': 'LOG_US' },
      },
      { name: 'project plan.made', parent: place(2), context: { traceId: place(2).traceId } },
      { name: 'project batch', links: [place(1), place(2)], attributes: { 'messaging.batch.message_count': 5 } },
    ]);
    expect(spans[2]?.parent).toBeUndefined();
    expect(spans[2]?.context.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is nothing when nobody records and it went as it should', () => {
    expect(told(WORK)).toEqual({ spans: [], lines: [] });
  });

  it('is a line when it failed, and no span, for it is read again', () => {
    const { spans, lines } = told({ ...WORK, traced: [TRACED], failed: 'SQLITE_FULL' });
    expect(spans).toEqual([]);
    const about = { event: 'work.project', durationMs: 3, stream: 'LOG_US', seq: 9, messages: 5 };
    expect(lines).toMatchObject([{ ...about, level: 'warn', outcome: 'failed', reason: 'SQLITE_FULL' }]);
  });

  it('is a line when it was slow', () => {
    expect(told({ ...WORK, endMs: 2_500 }).lines).toMatchObject([{ level: 'info', outcome: 'slow', durationMs: 1_500 }]);
  });
});
