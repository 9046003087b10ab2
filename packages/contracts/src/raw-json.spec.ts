import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinRawData, splitRawData } from './raw-json.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

describe('payloads as raw bytes', () => {
  it('keeps every byte of a payload, numbers and white space included', () => {
    const raw = '{ "total": 1.0, "id": 12345678901234567890 }';
    const message = joinRawData({ a: 1 }, bytes(raw));
    expect(message.toString()).toBe(`{"a":1,"data":${raw}}`);
    expect(splitRawData(message).data.toString()).toBe(raw);
  });

  it('is not misled by a head or payload that contains the separator', () => {
    const head = { note: ',"data":"trap"}', nested: { key: 'a,"data":b' } };
    const raw = '{"x":1,"data":{"data":2}}';
    const split = splitRawData(joinRawData(head, bytes(raw)));
    expect(split.head).toEqual(head);
    expect(split.data.toString()).toBe(raw);
  });

  it('takes apart what it put together, whatever that was', () => {
    const heads = fc.dictionary(
      fc.string().filter((key) => key !== 'data' && key !== '__proto__'),
      fc.jsonValue().filter(isPlain),
      { minKeys: 1, noNullPrototype: true },
    );
    fc.assert(
      fc.property(heads, fc.jsonValue(), (head, data) => {
        const raw = JSON.stringify(data);
        const split = splitRawData(joinRawData(head, bytes(raw)));
        expect(split.data.toString()).toBe(raw);
        expect(split.head).toEqual(JSON.parse(JSON.stringify(head)));
      }),
    );
  });

  it.each(['', '{}', '{"a":1}', 'nonsense'])('refuses %j, which has no data', (text) => {
    expect(() => splitRawData(bytes(text))).toThrow(SyntaxError);
  });
});

/** Heads are ours and hold no member named data at any depth. */
function isPlain(value: unknown): boolean {
  return !JSON.stringify(value).includes('"data":');
}
