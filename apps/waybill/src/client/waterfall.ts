import type { Span, TraceView } from '@waybill/contracts';
import { duration, table } from '../terminal/print.ts';

const BAR_CHARACTERS = 32;
const EIGHTHS = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/** Deeper spans stand below each other. */
const DEEPEST = 12;

/** A trace for a terminal: one line a span, below the one that it is part of, with a bar on one scale of time; then what else belongs to it. */
export function waterfallLines({ traceId, spans, isWhole, related }: TraceView): string[] {
  const fromMs = Math.min(...spans.map(({ startMs }) => startMs));
  const wholeMs = Math.max(...spans.map(({ endMs }) => endMs)) - fromMs;
  const rows = inTreeOrder(spans).map(({ span, depth }) => [
    `${'  '.repeat(Math.min(depth, DEEPEST))}${plain(span.name)}${span.error === undefined ? '' : `  ✕ ${plain(span.error)}`}`,
    plain(span.service),
    plain(span.region),
    `+${tookText(span.startMs - fromMs)}`,
    tookText(span.endMs - span.startMs),
    barOf(span, fromMs, Math.max(wholeMs, 0.001)),
  ]);
  return [
    `trace ${traceId}  ${spans.length} ${spans.length === 1 ? 'span' : 'spans'} in ${tookText(wholeMs)}, from ${new Date(fromMs).toISOString()}`,
    ...(isWhole ? [] : ['  some spans are missing: not here yet, not kept, or told elsewhere']),
    ...table(rows).map((line) => `  ${line}`),
    ...related
      .filter(({ because }) => because !== 'batch')
      .map((one) => `  ${one.because}: ${plain(one.name)}  ${new Date(one.startMs).toISOString()}  waybill trace ${one.traceId}`),
  ];
}

/** Whoever sends spans writes these texts: they may have lines, or what a terminal takes for commands. */
const plain = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');

/** Each span after the one that it is part of, in the order of time; one whose parent is not known begins a tree of its own. */
function inTreeOrder(spans: readonly Span[]): { readonly span: Span; readonly depth: number }[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const below = Map.groupBy(spans, ({ parentSpanId = '' }) => (known.has(parentSpanId) ? parentSpanId : ''));
  const rows: { span: Span; depth: number }[] = [];
  const seen = new Set<Span>();
  // Spans that name each other as parents hang on nothing: the first of them stands for their root.
  for (const root of [...(below.get('') ?? []), ...spans]) {
    const open = [{ span: root, depth: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { span, depth } = next;
      if (seen.has(span)) continue;
      seen.add(span);
      rows.push(next);
      open.push(...(below.get(span.spanId) ?? []).map((child) => ({ span: child, depth: depth + 1 })).toReversed());
    }
  }
  return rows;
}

const tookText = (ms: number): string => (Math.abs(ms) < 10 ? `${(Math.round(ms * 10) / 10).toFixed(1)} ms` : duration(ms));

/** At least an eighth of a character wide, and within its room, whatever the clocks say. */
function barOf({ startMs, endMs }: Span, fromMs: number, wholeMs: number): string {
  const place = (ms: number): number => Math.round((Math.min(Math.max(ms - fromMs, 0), wholeMs) / wholeMs) * BAR_CHARACTERS * 8);
  const from = Math.min(Math.floor(place(startMs) / 8), BAR_CHARACTERS - 1);
  const eighths = Math.max(1, place(endMs) - place(startMs));
  const rest = eighths % 8;
  return `${' '.repeat(from)}${'█'.repeat(Math.floor(eighths / 8))}${rest === 0 ? '' : (EIGHTHS[rest - 1] ?? '')}`;
}
