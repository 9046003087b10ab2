import { isWaybillError } from '@waybill/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { malformedAt } from './malformed-at.ts';
import { parsePayload } from './parse-payload.ts';
import { MAX_JSON_DEPTH } from './scan-json.ts';

function refusal(body: string | Buffer): { code: string; detail: string; extra: unknown } | 'accepted' {
  try {
    parsePayload(Buffer.from(body), 'data');
    return 'accepted';
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    return { code: error.code, detail: error.message, extra: error.extra };
  }
}

const cut = (text: string): string | undefined => {
  const bytes = Buffer.from(text);
  const { range } = parsePayload(bytes, 'data');
  return range && bytes.toString('utf8', range.start, range.end);
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the place of a member', () => {
  it.each([
    ['{"data":1.0}', '1.0'],
    ['{"a":{"data":2},"data" : [1, {"data":3}] \n}', '[1, {"data":3}]'],
    ['{"data":"a,}]\\"b","z":0}', '"a,}]\\"b"'],
    ['{"d\\u0061ta":12345678901234567890}', '12345678901234567890'],
    ['{"x":"data","y":["data"],"data":{}}', '{}'],
    ['\t{\r\n"data"\t:\tnull\r\n}\n', 'null'],
  ])('in %s is %s', (text, expected) => expect(cut(text)).toBe(expected));

  it.each(['{}', '[{"data":1}]', '"data"', '{"a":{"data":1}}', '{"Data":1}'])('is not found in %s', (text) =>
    expect(cut(text)).toBeUndefined(),
  );

  it('re-parses to the value that JSON.parse finds, for any JSON object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (rest, data, indent) => {
        const text = JSON.stringify({ ...rest, data }, null, indent);
        expect(JSON.parse(cut(text) ?? 'nothing')).toEqual(JSON.parse(text).data);
      }),
    );
  });
});

describe('what is refused', () => {
  it('accepts every JSON value', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void expect(refusal(JSON.stringify(value))).toBe('accepted')));
  });

  it('agrees with JSON.parse on what is malformed, and knows where', () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\ 01-.eEtrufalsn\n')) });
    fc.assert(
      fc.property(text, (candidate) => {
        const found = refusal(candidate);
        const malformed = found !== 'accepted' && found.code === 'WB_MALFORMED_JSON';
        expect(malformed).toBe(!isJson(candidate));
        expect(malformedAt(candidate) === undefined).toBe(isJson(candidate));
      }),
      { numRuns: 2000 },
    );
  });

  it('knows where a JSON text was broken by one character', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.constantFrom('', '}', ']', ',', ':', '"', 'x', '\\', '\n'), (value, seed, put) => {
        const whole = JSON.stringify(value);
        const at = seed % whole.length;
        const broken = whole.slice(0, at) + put + whole.slice(at + 1);
        expect(malformedAt(broken) === undefined).toBe(isJson(broken));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['', 0],
    ['{"a":}', 5],
    ['{"a":1,}', 7],
    ['[1,2', 4],
    ['{"a" 1}', 5],
    ['01', 1],
    ['"a\nb"', 2],
    ['["\\x"]', 2],
    ['{"a":1} x', 8],
    ['\uFEFF{}', 0],
  ])('says where %j is broken', (text, position) =>
    expect(refusal(text)).toMatchObject({ code: 'WB_MALFORMED_JSON', extra: { position } }),
  );

  it('refuses bytes that are not UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ code: 'WB_MALFORMED_JSON' });
    expect(refusal(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toMatchObject({ code: 'WB_MALFORMED_JSON' });
  });

  it.each([
    ['{"a":1,"a":1}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['[{"x":{"b":1,"c":{"b":1},"b":[]}}]', 'b'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"":1,"":2}', ''],
    ['{"1":1,"1":2}', '1'],
  ])('refuses %s', (text, key) =>
    expect(refusal(text)).toMatchObject({ code: 'WB_DUPLICATE_KEY', detail: `the key ${JSON.stringify(key)} occurs twice in one object` }),
  );

  it.each(['{"a":{"a":{"a":1}}}', '[{"a":1},{"a":1}]', '{"a":":","b":"a:{"}', '{"__proto__":1}', '{"1":1,"01":2}'])('accepts %s', (text) =>
    expect(refusal(text)).toBe('accepted'),
  );

  it('refuses the 65th level, and no depth exhausts the stack', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(refusal(nested(MAX_JSON_DEPTH))).toBe('accepted');
    expect(refusal(nested(MAX_JSON_DEPTH + 1))).toMatchObject({ code: 'WB_JSON_TOO_DEEP' });
    expect(refusal('{"a":'.repeat(200_000))).toMatchObject({ code: 'WB_JSON_TOO_DEEP' });
  });
});
