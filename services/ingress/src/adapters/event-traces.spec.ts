import { newEventId, rootSpanIdOf, type SourceId, traceIdOf } from '@waybill/contracts';
import { NO_TRACING, type Tracing } from '@waybill/runtime';
import { describe, expect, it } from 'vitest';
import { eventTraces, TRUSTED_SOURCES } from './event-traces.ts';

const id = newEventId(1_800_000_000_000, new Uint8Array(10).fill(7));
const traceId = traceIdOf(id) ?? '';
const root = { traceId, spanId: rootSpanIdOf(traceId) };
const caller = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true };
const [api, shop] = ['api' as SourceId, 'shop' as SourceId];

/** Samples nothing but what must be. */
const only: Tracing = {
  ...NO_TRACING,
  isOn: true,
  begin: (trace, always) => (always === true ? { traceId: trace, spanId: '1' } : undefined),
};
const all: Tracing = {
  ...only,
  begin: (trace) => ({ traceId: trace, spanId: rootSpanIdOf(trace) }),
  join: (parent) => ({ traceId: parent.traceId, spanId: 'c'.repeat(16) }),
  childOf: (parent) => parent && { traceId: parent.traceId, spanId: 'd'.repeat(16) },
};

describe('the trace of an event', () => {
  it('begins with its request, to which what a stranger says of its own trace is a link', () => {
    expect(eventTraces(all, 'shop').first({ source: api }, id, caller)).toEqual({ context: root, links: [caller] });
    expect(eventTraces(all).first({ source: api }, id)).toEqual({ context: root, links: undefined });
  });

  it.each(['shop', 'api,shop', '*'])('is the one of a caller whose source is trusted by %s, recorded or not', (trusted) => {
    expect(TRUSTED_SOURCES.test(trusted)).toBe(true);
    const traces = eventTraces(all, trusted);
    expect(traces.first({ source: shop }, id, caller)).toEqual({
      context: { traceId: caller.traceId, spanId: 'c'.repeat(16) },
      parent: caller,
    });
    expect(traces.first({ source: shop }, id, { ...caller, isSampled: false }).context).toBeUndefined();
    expect(traces.first({ source: shop }, id).context).toEqual(root);
  });

  it('is recorded in any case when GitHub brought the event', () => {
    const traces = eventTraces(only);
    expect(traces.first({ source: shop, factType: 'run.completed' }, id).context).toMatchObject({ traceId });
    expect(traces.first({ source: shop, factType: 'event.accepted' }, id).context).toBeUndefined();
  });

  it('is joined by requests that repeat the event, if it is recorded', () => {
    const traces = eventTraces(all);
    const stored = { traceId, spanId: 'e'.repeat(16) };
    expect(traces.repeat(id, stored, caller)).toEqual({ context: { traceId, spanId: 'c'.repeat(16) }, parent: root, links: [caller] });
    const joined = { ...stored, traceId: caller.traceId };
    expect(traces.repeat(id, joined)).toMatchObject({ context: { traceId: caller.traceId }, parent: joined });
    expect(traces.repeat(id, undefined).context).toBeUndefined();
    // No room in this second.
    expect(eventTraces({ ...all, join: () => undefined }).repeat(id, stored).context).toBeUndefined();
  });
});

it.each(['', ',', 'a b', 'shop,', 'a,,b'])('takes no list like "%s"', (text) => expect(TRUSTED_SOURCES.test(text)).toBe(false));
