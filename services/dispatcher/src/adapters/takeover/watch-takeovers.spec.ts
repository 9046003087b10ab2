import { type Logger, NO_TRACING, type SpanRecord, WorkLog } from '@waybill/runtime';
import { expect, it } from 'vitest';
import { watchTakeovers } from './watch-takeovers.ts';

function watching() {
  const told = { spans: [] as SpanRecord[], lines: [] as unknown[], counted: [] as string[] };
  const tell = (line: unknown) => void told.lines.push(line);
  const always: boolean[] = [];
  const watch = watchTakeovers({
    region: 'eu',
    tracing: {
      ...NO_TRACING,
      begin: (traceId, isAlways = false) => {
        always.push(isAlways);
        return { traceId, spanId: 'a'.repeat(16) };
      },
      record: (span) => void told.spans.push(span),
    },
    work: new WorkLog({ info: tell, warn: tell } as unknown as Logger, { perSecond: 10 }),
    tookOver: (from) => void told.counted.push(from),
  });
  return { watch, told, always };
}

it('a takeover counts, and is told as a line and as a span with its moments, recorded always', () => {
  const { watch, told, always } = watching();
  const moments = [
    { moment: 'fence', atMs: 2_000 },
    { moment: 'verify', atMs: 5_000 },
  ] as const;
  watch.begun('us');
  watch.over({ of: 'us', epoch: 2, isCaughtUp: true, taken: 3, moments, endedMs: 5_000 });
  expect([told.counted, always]).toEqual([['us'], [true]]);
  expect(told.spans).toMatchObject([
    {
      name: 'failover',
      kind: 'internal',
      startMs: 2_000,
      endMs: 5_000,
      attributes: { 'waybill.region.home': 'us', 'waybill.region.executed': 'eu', 'waybill.outcome': 'caught_up' },
      events: [
        { name: 'fence', atMs: 2_000 },
        { name: 'verify', atMs: 5_000 },
      ],
    },
  ]);
  expect(told.lines).toMatchObject([
    {
      event: 'work.takeover',
      outcome: 'caught_up',
      durationMs: 3_000,
      origin: 'us',
      deliveries: 3,
      traceId: told.spans[0]?.context.traceId,
    },
  ]);
});
