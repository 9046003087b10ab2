import type { TraceView } from '@waybill/contracts';
import { type TimeScale, timeScale } from './time-scale.ts';

export type TraceSpan = TraceView['spans'][number];

/** A span in its place: below the one that it is part of, after those that began before it. Percent of the width. */
export interface TraceRow {
  readonly span: TraceSpan;
  /** 0: it is part of none that is known. */
  readonly depth: number;
  readonly fromPct: number;
  readonly toPct: number;
}

export interface TraceRows {
  readonly rows: readonly TraceRow[];
  readonly scale: TimeScale;
}

/**
 * Lays a trace out as a tree, each span where its own machine's clock says, also when that is before its parent. A span whose parent is not known, or is itself, begins a
 * tree of its own. At least one span is needed.
 */
export function traceRows(spans: readonly TraceSpan[]): TraceRows {
  const scale = timeScale(spans.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: Math.max(startMs, endMs) })));
  const known = new Set(spans.map(({ spanId }) => spanId));
  const below = Map.groupBy(spans, ({ parentSpanId = '' }) => (known.has(parentSpanId) ? parentSpanId : ''));
  const rows: TraceRow[] = [];
  const seen = new Set<TraceSpan>();
  // Spans that name each other as parents hang on nothing: the first of them stands for their root.
  for (const root of [...(below.get('') ?? []), ...spans]) {
    const open = [{ span: root, depth: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { span, depth } = next;
      if (seen.has(span)) continue;
      seen.add(span);
      rows.push({ span, depth, fromPct: scale.at(span.startMs), toPct: scale.at(Math.max(span.startMs, span.endMs)) });
      const children = (below.get(span.spanId) ?? []).toSorted((one, other) => other.startMs - one.startMs);
      open.push(...children.map((child) => ({ span: child, depth: depth + 1 })));
    }
  }
  return { rows, scale };
}
