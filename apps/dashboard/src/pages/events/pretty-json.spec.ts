import { describe, expect, it } from 'vitest';
import { prettyJson } from './pretty-json.ts';

describe('prettyJson', () => {
  it.each(['{"a":[1,{"b":null},[],{}],"c":"x, {y}: \\"z\\""}', '[]', '"text"', '-1.5', '{"a":{"b":{"c":[true,false]}}}', ' [ 1 , 2 ] '])(
    'lays %s out as JSON.stringify would',
    (json) => {
      expect(prettyJson(json)).toBe(JSON.stringify(JSON.parse(json), null, 2));
    },
  );

  it('keeps numbers as they were written', () => {
    expect(prettyJson('{"id":12345678901234567890,"price":1.0}')).toBe('{\n  "id": 12345678901234567890,\n  "price": 1.0\n}');
  });
});
