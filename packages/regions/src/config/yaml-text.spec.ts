import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml } from './yaml-text.ts';

const problemsOf = (text: string): readonly string[] => {
  const read = readYaml(text);
  return 'problems' in read ? read.problems : [];
};
/** Each line holds nine aliases of the line before: 9^20 values. */
const bomb = Array.from(
  { length: 20 },
  (_, level) =>
    `- &l${level} [${Array(9)
      .fill(level === 0 ? 'x' : `*l${level - 1}`)
      .join(',')}]`,
).join('\n');

describe('YAML from outside', () => {
  it('is read as YAML 1.2', () => {
    expect(readYaml('- {a: no, b: 2020-01-01, c: 1.5, __proto__: 1}')).toEqual({
      value: [expect.objectContaining({ a: 'no', b: '2020-01-01', c: 1.5 })],
    });
  });

  const asAlias = 'not YAML: an alias (*) names no anchor, or aliases multiply; put a value that begins with * in quotes';
  it.each([
    ['an open quote', '- key: "s3cret', 'line 1, column 15: not YAML: a quote, bracket, comma or colon is missing'],
    ['a second colon', '- key: s3: cret', 'line 1, column 8: not YAML: a second colon follows; put the value in quotes'],
    [
      'a reserved character',
      '- id: a\n  key: @s3cret',
      'line 2, column 8: not YAML: the value begins with a reserved character; put it in quotes',
    ],
    ['a field twice', '- id: a\n  id: s3cret', 'line 2, column 3: not YAML: the field occurs twice; keep one'],
    ['two documents', '- s3cret\n---\n- b', 'line 2, column 1: not YAML: a second document begins (---); keep one'],
    ['a tag', '- key: !s3cret x', 'line 1, column 8: not YAML: a tag (!) is not known; leave it out, or put the value in quotes'],
    ['binary', '- key: !!binary aGVsbG8=', 'line 1, column 8: not YAML: a tag (!) is not known; leave it out, or put the value in quotes'],
    ['an unknown alias', '- key: *s3cret', asAlias],
    ['a bomb of aliases', bomb, asAlias],
    ['a megabyte', 'a'.repeat(1024 ** 2), '1048576 bytes are too many; use at most 65536'],
  ])('is refused without being quoted: %s', (_, text, told) => {
    expect(problemsOf(text)).toEqual([told]);
    expect(problemsOf(text).join('\n')).not.toMatch(/s3|cret/);
  });

  it.each([
    ['depth', '['.repeat(65_536)],
    ['depth in blocks', '- '.repeat(32_768)],
    ['junk', '}'.repeat(65_536)],
    ['escapes', `"${'\\q'.repeat(32_000)}`],
  ])('is refused with few words: much %s', (_, text) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
    expect(problemsOf(text).length).toBeLessThanOrEqual(11);
  });

  it('never throws, whatever it is', () => {
    const syntax = fc
      .array(fc.constantFrom(...'-:?[]{},&*!|>%@#"\'\n\t ab1~'.split('')), { maxLength: 80 })
      .map((characters) => characters.join(''));
    fc.assert(fc.property(fc.oneof(fc.string(), syntax), (text) => 'value' in readYaml(text) || problemsOf(text).length > 0));
  });
});
