import { describe, expect, it } from 'vitest';
import { decodeOtlp } from './decode-otlp.ts';
import { hex, otlpOf } from './otlp.fixture.ts';

const attribute = (key: string, value: unknown) => ({ key, value });
const nested = (levels: number): object => (levels === 0 ? { intValue: 1 } : { arrayValue: { values: [nested(levels - 1)] } });

describe('OTLP in JSON', () => {
  it('gives spans with their place, times in ms, links, events and why they failed', () => {
    const resource = [attribute('service.name', { stringValue: 'ingress' }), attribute('cloud.region', { stringValue: 'us' })];
    const given = {
      traceId: 'AB'.repeat(16),
      parentSpanId: hex(16, 1),
      events: [{ name: 'fenced', timeUnixNano: '1700000000200000000' }],
      links: [{ traceId: hex(32, 9), spanId: hex(16, 9), traceState: '' }],
      status: { code: 2, message: 'refused' },
    };
    expect(decodeOtlp(otlpOf(given, resource))).toEqual([
      {
        traceId: 'ab'.repeat(16),
        spanId: hex(16, 2),
        parentSpanId: hex(16, 1),
        name: 'POST /v1/x',
        kind: 'server',
        service: 'ingress',
        region: 'us',
        startMs: 1_700_000_000_123.456,
        endMs: 1_700_000_000_223.456,
        attributes: {},
        error: 'refused',
        events: [{ name: 'fenced', atMs: 1_700_000_000_200, attributes: {} }],
        links: [{ traceId: hex(32, 9), spanId: hex(16, 9) }],
      },
    ]);
  });

  it('reads every kind of value', () => {
    const attributes = [
      attribute('text', { stringValue: '' }),
      attribute('flag', { boolValue: false }),
      attribute('whole', { intValue: '42' }),
      attribute('large', { intValue: '9223372036854775807' }),
      attribute('half', { doubleValue: 0.5 }),
      attribute('bytes', { bytesValue: 'AAE=' }),
      attribute('list', { arrayValue: { values: [{ intValue: 1 }, { stringValue: 'a' }] } }),
      attribute('map', { kvlistValue: { values: [attribute('inner', { boolValue: true })] } }),
      attribute('none', {}),
    ];
    expect(decodeOtlp(otlpOf({ attributes }))[0]?.attributes).toEqual({
      text: '',
      flag: false,
      whole: 42,
      large: '9223372036854775807',
      half: 0.5,
      bytes: 'AAE=',
      list: [1, 'a'],
      map: { inner: true },
      none: null,
    });
  });

  it('shows a span in the region where its work was done, else in that of its process', () => {
    const resource = [attribute('cloud.region', { stringValue: 'us' })];
    const attributes = [attribute('waybill.region.executed', { stringValue: 'eu' })];
    expect([decodeOtlp(otlpOf({ attributes }, resource)), decodeOtlp(otlpOf({}, resource))].map(([one]) => one?.region)).toEqual([
      'eu',
      'us',
    ]);
  });

  it.each([
    ['a list', []],
    ['no object', null],
    ['an id that is none', otlpOf({ traceId: 'x' })],
    ['an id of zeros', otlpOf({ spanId: hex(16, 0) })],
    ['a kind that is none', otlpOf({ kind: 9 })],
    ['a time that is none', otlpOf({ startTimeUnixNano: 'now' })],
    ['a time that no calendar has', otlpOf({ endTimeUnixNano: 1e300 })],
    ['a time before all others', otlpOf({ events: [{ name: 'x', timeUnixNano: '-1000000' }] })],
    ['an attribute without a key', otlpOf({ attributes: [{ value: {} }] })],
    ['values in values without end', otlpOf({ attributes: [attribute('deep', nested(5_000))] })],
  ])('refuses %s', (_what, json) => {
    expect(() => decodeOtlp(json)).toThrow(expect.objectContaining({ code: 'WB_BAD_REQUEST' }));
  });
});
