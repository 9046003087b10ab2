import { describe, expect, it } from 'vitest';
import { traceRows, type TraceSpan } from './trace-rows.ts';

const span = (spanId: string, startMs: number, endMs: number, parentSpanId?: string): TraceSpan => ({
  traceId: '1',
  spanId,
  ...(parentSpanId === undefined ? {} : { parentSpanId }),
  name: spanId,
  kind: 'internal',
  service: 'ingress',
  region: 'us',
  startMs,
  endMs,
  attributes: {},
  events: [],
  links: [],
});
const shape = (...spans: TraceSpan[]) => traceRows(spans).rows.map(({ span: { spanId }, depth }) => `${depth} ${spanId}`);

describe('rows of a trace', () => {
  it('stand below what they are part of, in the order of time', () => {
    const given = [span('late', 30, 40, 'root'), span('root', 0, 50), span('leaf', 12, 14, 'early'), span('early', 10, 20, 'root')];
    expect(shape(...given)).toEqual(['0 root', '1 early', '2 leaf', '1 late']);
  });

  it('begin a tree of their own where the parent is missing', () => {
    expect(shape(span('orphan', 20, 30, 'nobody'), span('child', 25, 26, 'orphan'))).toEqual(['0 orphan', '1 child']);
  });

  it('are all there, once, when parents go in a circle', () => {
    expect(shape(span('self', 0, 1, 'self'), span('a', 1, 2, 'b'), span('b', 2, 3, 'a'))).toEqual(['0 self', '0 a', '1 b']);
  });

  it('are drawn where their own clock says, also before their parent', () => {
    const { rows } = traceRows([span('root', 10, 20), span('ahead', 0, 5, 'root'), span('back', 18, 16, 'root')]);
    expect(rows.map(({ fromPct, toPct }) => fromPct <= toPct && fromPct >= 0 && toPct <= 100)).toEqual([true, true, true]);
    const [root, ahead] = rows;
    expect(ahead?.toPct).toBeLessThan(root?.fromPct ?? 0);
  });

  it('leave long waits short', () => {
    const { rows, scale } = traceRows([span('root', 0, 10), span('retry', 600_000, 600_010, 'root')]);
    expect(scale.gaps).toHaveLength(1);
    expect((rows[1]?.toPct ?? 0) - (rows[1]?.fromPct ?? 0)).toBeGreaterThan(10);
  });
});
