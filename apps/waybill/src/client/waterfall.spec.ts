import type { Span } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { waterfallLines } from './waterfall.ts';

const span = (spanId: string, startMs: number, endMs: number, over: Partial<Span> = {}): Span => ({
  traceId: 'abc',
  spanId,
  name: `work ${spanId}`,
  kind: 'internal',
  service: 'ingress',
  region: 'us',
  startMs,
  endMs,
  attributes: {},
  events: [],
  links: [],
  ...over,
});

it('draws each span below the one that it is part of, on one scale of time', () => {
  const spans = [
    span('a', 0, 80),
    span('c', 40, 80, { parentSpanId: 'a', service: 'dispatcher', region: 'eu', error: 'timeout' }),
    span('b', 0, 40, { parentSpanId: 'a' }),
    span('d', 41, 42, { parentSpanId: 'c' }),
  ];
  const related = [{ traceId: 'def', name: 'replay', startMs: 90, because: 'links here' as const }];
  expect(
    waterfallLines({ traceId: 'abc', isWhole: false, spans: spans.toSorted((one, other) => one.startMs - other.startMs), related }),
  ).toEqual([
    'trace abc  4 spans in 80 ms, from 1970-01-01T00:00:00.000Z',
    '  some spans are missing: not here yet, not kept, or told elsewhere',
    `  work a               ingress     us  +0.0 ms  80 ms   ${'█'.repeat(32)}`,
    `    work b             ingress     us  +0.0 ms  40 ms   ${'█'.repeat(16)}`,
    `    work c  ✕ timeout  dispatcher  eu  +40 ms   40 ms   ${' '.repeat(16)}${'█'.repeat(16)}`,
    `      work d           ingress     us  +41 ms   1.0 ms  ${' '.repeat(16)}▍`,
    '  links here: replay  1970-01-01T00:00:00.090Z  waybill trace def',
  ]);
});

it('shows every span once, whatever parents and clocks say', () => {
  const spans = [span('a', 0, 0, { parentSpanId: 'b' }), span('b', 5, 1, { parentSpanId: 'a' }), span('c', 9, 9, { parentSpanId: 'c' })];
  const [, ...lines] = waterfallLines({ traceId: 'abc', isWhole: true, spans, related: [] });
  expect(lines.map((line) => line.slice(0, 12).trimEnd())).toEqual(['  work a', '    work b', '  work c']);
});

it('keeps each span on its line, and lets none command the terminal', () => {
  const spans = [span('a', 0, 1, { name: 'work\u001B[2J', error: 'first\nsecond', service: 'own\rhost' })];
  const [, line] = waterfallLines({ traceId: 'abc', isWhole: true, spans, related: [] });
  expect(line).toMatch(/^ {2}work \[2J {2}✕ first second {2}own host {2}us/);
});
