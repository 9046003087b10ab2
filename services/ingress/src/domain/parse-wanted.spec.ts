import { describe, expect, it } from 'vitest';
import { parsePayload } from './parse-payload.ts';
import { parseWanted } from './parse-wanted.ts';

const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

describe('what is kept of a large body', () => {
  it('is where the member lies, and the other members without what they hold', () => {
    const body = bytes('{"eventType":"a.b","data": {"n":1.0} ,"orderingKey":7,"odd":{"x":1},"odder":[1]}');
    const { value, range } = parseWanted(body, { member: 'data' });
    expect(value).toEqual({ eventType: 'a.b', data: null, orderingKey: 7, odd: {}, odder: [] });
    expect(range).toEqual(parsePayload(body, 'data').range);
  });

  it('is what lies at the paths', () => {
    const body = bytes({ type: 'x', event: { kind: { name: 'paid' }, rest: [1, 2] }, other: 'gone', list: [{ a: 1 }] });
    const paths = ['type', 'event.kind.name', 'event.rest', 'missing.x', 'list.0.a', 'type.length'];
    expect(parseWanted(body, { paths }).value).toEqual({ type: 'x', event: { kind: { name: 'paid' }, rest: {} }, list: { 0: { a: 1 } } });
    expect(parseWanted(bytes([{ type: 'x' }, 2]), { paths: ['0.type'] }).value).toEqual({ 0: { type: 'x' } });
  });

  it.each([
    ['[1,2]', []],
    ['"text"', 'text'],
    ['null', null],
  ])('of %s is no more than its type', (body, kept) => {
    expect(parseWanted(bytes(body), { member: 'data' }).value).toEqual(kept);
  });

  it('takes no part of a prototype', () => {
    const body = bytes('{"__proto__":{"polluted":1},"constructor":{"name":"x"}}');
    const { value } = parseWanted(body, { paths: ['__proto__.polluted', 'constructor.name', 'toString'] });
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(Object(value))).toEqual(['__proto__', 'constructor']);
  });

  it('is refused as a small one is', () => {
    expect(() => parseWanted(bytes('{"a":1,"a":2}'), { paths: [] })).toThrow('occurs twice');
    expect(() => parseWanted(bytes('{"a":}'), { paths: [] })).toThrow('broken at character 5');
  });
});
