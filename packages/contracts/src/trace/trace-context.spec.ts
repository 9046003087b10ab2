import { describe, expect, it } from 'vitest';
import { deliveryIdOf, type EndpointId, newEventId, newJobId, replayDeliveryId } from '../ids.ts';
import { parseTraceparent, recordedContext, rootSpanIdOf, traceIdOf, traceparentOf } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('a traceparent', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, { traceId: TRACE, spanId: SPAN, isSampled: true }],
    [`00-${TRACE}-${SPAN}-00`, { traceId: TRACE, spanId: SPAN, isSampled: false }],
    [`cc-${TRACE}-${SPAN}-03-what-the-future-brings`, { traceId: TRACE, spanId: SPAN, isSampled: true }],
  ])('%s is read', (text, expected) => {
    expect(parseTraceparent(text)).toEqual(expected);
  });

  it.each([
    '',
    'hello',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`,
  ])('%s is none', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  it('that was written is read again, and is nothing when its trace is not recorded', () => {
    const context = { traceId: TRACE, spanId: SPAN };
    expect(recordedContext(traceparentOf(context))).toEqual(context);
    expect(recordedContext(`00-${TRACE}-${SPAN}-00`)).toBeUndefined();
    expect(recordedContext('')).toBeUndefined();
  });
});

describe('the trace of an id', () => {
  const random = Uint8Array.from({ length: 10 }, (_, index) => 0xf0 + index);
  const event = newEventId(0x0123_4567_89ab, random);

  it('is its time and its randomness', () => {
    expect(traceIdOf(event)).toBe('0123456789abf0f1f2f3f4f5f6f7f8f9');
    expect(rootSpanIdOf(traceIdOf(event) ?? '')).toBe('f2f3f4f5f6f7f8f9');
    expect(traceIdOf('hello')).toBeUndefined();
  });

  it('is the event’s for its deliveries, and another one for each that a job makes', () => {
    const endpoints = ['ep_1', 'ep_2'] as EndpointId[];
    const job = newJobId(5, random);
    expect(endpoints.map((endpoint) => traceIdOf(deliveryIdOf(event, endpoint)))).toEqual([traceIdOf(event), traceIdOf(event)]);
    const made = endpoints.map((endpoint) => traceIdOf(replayDeliveryId(job, event, endpoint)));
    expect(new Set([...made, traceIdOf(event), traceIdOf(job)]).size).toBe(4);
  });
});
