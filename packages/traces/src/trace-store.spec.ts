import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, span } from './otlp.fixture.ts';
import { TraceStore } from './trace-store.ts';

const linkTo = (trace: number) => [{ traceId: hex(32, trace), spanId: hex(16, 1) }];
const about = (eventId: string) => ({ 'waybill.event.id': eventId });

describe('kept spans', () => {
  it('are kept once, however often they come', () => {
    const store = new TraceStore();
    store.add(span(1, 1));
    const before = store.size;
    store.add(span(1, 1, { name: 'again' }));
    expect(store.size).toEqual(before);
    expect(store.spansOf(hex(32, 1)).map(({ name }) => name)).toEqual(['work']);
  });

  it('go with their whole trace, the one first to which nothing was added for longest', () => {
    const store = new TraceStore({ maxSpans: 4 });
    for (const [trace, n] of [
      [1, 1],
      [2, 1],
      [2, 2],
      [1, 2],
      [3, 1],
    ] as const)
      store.add(span(trace, n));
    expect([1, 2, 3].map((trace) => store.spansOf(hex(32, trace)).length)).toEqual([2, 0, 1]);
  });

  it('are found by their event and by what they link to, until they go', () => {
    const store = new TraceStore({ maxSpans: 2 });
    store.add(span(1, 1, { attributes: about('evt_1'), links: linkTo(9) }));
    expect([store.tracesOfEvent('evt_1'), store.tracesLinkingTo(hex(32, 9))]).toEqual([[hex(32, 1)], [hex(32, 1)]]);
    store.add(span(2, 1));
    store.add(span(3, 1));
    expect([store.tracesOfEvent('evt_1'), store.tracesLinkingTo(hex(32, 9))]).toEqual([[], []]);
  });

  it('never are more, or larger, than allowed, and the newest one stays', () => {
    const given = fc.array(fc.record({ trace: fc.integer({ min: 1, max: 9 }), n: fc.integer({ min: 1, max: 9 }), chars: fc.nat(4_000) }));
    fc.assert(
      fc.property(given, (all) => {
        const store = new TraceStore({ maxSpans: 12, maxBytes: 40_000 });
        for (const { trace, n, chars } of all) {
          store.add(span(trace, n, { attributes: { ...about(`evt_${trace}`), text: 'x'.repeat(chars) }, links: linkTo(n) }));
          const traces = Array.from({ length: 9 }, (_, index) => store.spansOf(hex(32, index + 1)));
          const kept = traces.filter(({ length }) => length > 0);
          expect(store.size).toMatchObject({ spans: kept.flat().length, traces: kept.length });
          expect(store.size.spans <= 12 && store.size.bytes <= 40_000).toBe(true);
          expect(traces.map((_, index) => store.tracesOfEvent(`evt_${index + 1}`).length)).toEqual(
            traces.map(({ length }) => Math.min(1, length)),
          );
        }
      }),
    );
  });

  it('are bounded in memory, whatever comes', () => {
    const store = new TraceStore();
    for (let trace = 1; trace <= 30_000; trace += 1)
      store.add(span(trace, 1, { attributes: about(`evt_${trace}`), links: linkTo(trace - 1) }));
    expect(store.size.spans).toBe(20_000);
    store.add(span(1, 1, { attributes: { text: 'x'.repeat(40_000_000) } }));
    expect(store.size).toEqual({ traces: 0, spans: 0, bytes: 0 });
    expect([store.tracesOfEvent('evt_29999'), store.tracesLinkingTo(hex(32, 29_999))]).toEqual([[], []]);
  });

  it('count by what they take: thousands of empty lists are more than their text', () => {
    const store = new TraceStore({ maxBytes: 1_000_000 });
    store.add(span(1, 1, { attributes: { lists: Array.from({ length: 10_000 }, () => []) } }));
    expect(store.size.spans).toBe(0);
  });
});
