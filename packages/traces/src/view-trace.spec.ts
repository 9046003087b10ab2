import { newEventId, traceIdOf } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { hex, span } from './otlp.fixture.ts';
import { TraceStore } from './trace-store.ts';
import { viewTrace } from './view-trace.ts';

const eventId = newEventId(1_700_000_000_000, new Uint8Array(10));
const traceId = traceIdOf(eventId) ?? '';
const about = { 'waybill.event.id': eventId };

it('finds a trace by its event, and tells what is related and why', () => {
  const store = new TraceStore();
  store.add(
    span(1, 2, { traceId, parentSpanId: hex(16, 1), attributes: about, startMs: 5, links: [{ traceId: hex(32, 3), spanId: hex(16, 1) }] }),
  );
  store.add(span(1, 1, { traceId, startMs: 5, name: 'POST /v1/events' }));
  store.add(
    span(1, 1, { links: [{ traceId, spanId: hex(16, 1) }], name: 'project batch', attributes: { 'messaging.batch.message_count': 2 } }),
  );
  store.add(span(2, 1, { attributes: about, links: [{ traceId, spanId: hex(16, 1) }], name: 'POST' }));
  store.add(span(3, 1, { name: 'replay' }));
  store.add(span(4, 1, { attributes: about }));
  const view = viewTrace(store, eventId);
  expect(view).toMatchObject({ traceId, isWhole: true, spans: [{ name: 'POST /v1/events' }, { name: 'work' }] });
  expect(view?.related).toEqual([
    { traceId: hex(32, 2), name: 'POST', startMs: 2_001, because: 'links here' },
    { traceId: hex(32, 3), name: 'replay', startMs: 3_001, because: 'linked from here' },
    { traceId: hex(32, 4), name: 'work', startMs: 4_001, because: 'same event' },
    { traceId: hex(32, 1), name: 'project batch', startMs: 1_001, because: 'batch' },
  ]);
  expect(viewTrace(store, traceId.toUpperCase())?.traceId).toBe(traceId);
});

it('finds an event in a trace that somebody else began, and says when spans are missing', () => {
  const store = new TraceStore();
  store.add(span(8, 1, { attributes: about }));
  store.add(span(7, 2, { attributes: about, parentSpanId: hex(16, 1) }));
  expect(viewTrace(store, eventId)).toMatchObject({ traceId: hex(32, 7), isWhole: false, related: [{ traceId: hex(32, 8) }] });
});

it('shows nothing of what is not kept', () => {
  expect(['x', eventId, traceId].map((id) => viewTrace(new TraceStore(), id))).toEqual([undefined, undefined, undefined]);
});
