import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { readDispatchingFile } from './read-file.ts';
import { refuseBeforeParsing } from './scan.ts';

const messageOf = (text: string): string | undefined => refuseBeforeParsing(text)?.message;
const full = (unit: string): string => unit.repeat(Math.floor(65_536 / unit.length));

describe('what the parser never sees', () => {
  it.each<[string, string, RegExp]>([
    ['the bomb: 1,000 bytes that keep it busy for a minute', '? '.repeat(500), /keys that begin with \?/],
    [
      'a billion laughs',
      `a: &a [x, x]\n${['b', 'c', 'd', 'e', 'f'].map((name, at) => `${name}: &${name} [*${'abcdef'[at]}, *${'abcdef'[at]}]`).join('\n')}`,
      /anchors/,
    ],
    ['an alias', 'a: *b', /anchors/],
    ['a tag', 'a: !!binary aGk=', /tags/],
    ['a tag of no one', 'a: !foo 1', /tags/],
    ['a directive that changes the version', '%YAML 1.1\n---\na: yes', /directives/],
    ['a second document', 'a: 1\n---\nb: 2', /one document/],
    ['something behind the end', 'a: 1\n...\nb: 2', /one document/],
    ['an unquoted template', 'a: {{ source.sha }}', /quote the template/],
    ['an unquoted template with more behind it', 'a: {{ source.sha }}-1', /quote the template/],
    ['a template in brackets', '[ { a: {{ source.sha }} } ]', /quote the template/],
    ['64 KiB and one byte', '#'.repeat(65_537), /64 KiB/],
    ['64 KiB and one byte, in characters of two bytes', `#${'ä'.repeat(32_768)}`, /64 KiB/],
    ['8,001 lines', '\n'.repeat(8_001), /lines/],
    ['too many parts', `- [${'a,'.repeat(99)}a]\n`.repeat(100), /too many parts/],
    ['a mapping below a value', 'a: "b"\n  c: d', /indentation/],
    ['a list below a value', 'a: b\n- c', /indentation/],
    ['a value where a key belongs', 'a: b\n"c"\nd: e', /needs a colon/],
    ['two colons in one entry in brackets', '{ a: b: c }', /second colon/],
    ['a list on the line of its key', 'a: - b', /line of its own/],
    ['a comma after nothing', '[,]', /nothing before/],
    ['33 brackets', '['.repeat(33), /deeper than 32/],
    ['33 dashes', `${'- '.repeat(33)}a`, /deeper than 32/],
    ['33 indents', Array.from({ length: 33 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'), /deeper than 32/],
    [
      '33 of all kinds',
      `${Array.from({ length: 11 }, (_, at) => `${'   '.repeat(at)}a:\n${'   '.repeat(at)} - `).join('\n')}${'['.repeat(11)}`,
      /deeper|list begins|indentation/,
    ],
    ['129 entries of a list', '- a\n'.repeat(129), /128 entries/],
    ['129 entries in brackets', `[${'a,'.repeat(128)}a]`, /128 entries/],
    ['129 keys', Array.from({ length: 129 }, (_, at) => `k${at}: 1`).join('\n'), /128 entries/],
    ['a bracket that is not closed', 'a: [b\nc: d', /bracket is not closed|second colon|colon/],
    ['an escape that is none', 'a: "\\x"', /escape/],
  ])('%s', (_, text, message) => {
    expect(messageOf(text)).toMatch(message);
    expect(readDispatchingFile(text).kind).toBe('invalid');
  });

  it.each([32])('does see depth %i', (depth) => {
    expect(messageOf(`${'['.repeat(depth)}${']'.repeat(depth)}`)).toBeUndefined();
    expect(messageOf(`${'- '.repeat(depth)}a`)).toBeUndefined();
    expect(messageOf(Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}a:`).join('\n'))).toBeUndefined();
  });

  it('tells the line', () => {
    expect(refuseBeforeParsing('a: |\n  text\n  text\nb: "x\n  y"\nc: *d')?.line).toBe(6);
  });
});

/** What is full of one thing, 64 KiB of it. */
const FLOODS = [
  '[',
  ']',
  '{',
  '}',
  '{}',
  '[]',
  '[]\n',
  '{}\n',
  '- ',
  '-\n',
  '- a\n',
  '? ',
  '?\n',
  '? a\n',
  'a: ',
  'a:\n',
  'a: 1\n',
  ': ',
  ':\n',
  '"',
  "'",
  '"" ',
  '""\n',
  '"\\',
  'a,',
  ',',
  '[,',
  '[a: ',
  '{a: ',
  '&a ',
  '*a ',
  '*a\n',
  '!a ',
  '%a\n',
  '#',
  '# ',
  '# a\n',
  '\n',
  ' \n',
  '\r\n',
  '\t',
  '\t\n',
  ' ',
  '---\n',
  '...\n',
  '|\n',
  '>\n',
  'a: |\n',
  '- |\n',
  '<<: ',
  '@',
  '`',
  '\u0000',
  '\uFEFF',
  '\uD800',
  '\u2028',
  '\u0002',
  '\u0018',
  '\u001F',
  '\u001Fa',
  'a: b\n  c: d\n ',
  '- a: 1\n  b: 2\n',
  'a: "b"\n b: 1\n  c: 1\n',
  '"a"\n',
  'a\n',
] as const;

/** Refusing everything else is quick by the number of tokens that are looked at; this is the generous check that nothing was forgotten. */
describe('floods', () => {
  it.each(FLOODS.map((unit) => [JSON.stringify(unit), unit] as const))('64 KiB of %s are told of quickly', (_, unit) => {
    const { errors } = parseOrNothing(full(unit));
    expect(errors).toBeLessThan(50);
  });

  it('no mix of them brings the parser many mistakes', () => {
    const units = fc.array(fc.constantFrom<string>(...FLOODS, 'a', 'b: ', '  ', '\n  ', '\n    '), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(units, (mix) => parseOrNothing(full(mix.join(''))).errors < 50),
      { numRuns: 200 },
    );
  });

  it('the bomb takes no time', () => {
    const before = performance.now();
    readDispatchingFile('? '.repeat(500));
    expect(performance.now() - before).toBeLessThan(50);
  });
});

/** How many mistakes the parser would find in what it is given: 0 when it is given nothing. */
function parseOrNothing(text: string): { readonly errors: number } {
  readDispatchingFile(text);
  if (refuseBeforeParsing(text) !== undefined) return { errors: 0 };
  return {
    errors: parseDocument(text, { version: '1.2', stringKeys: true, merge: false, prettyErrors: false, logLevel: 'silent' }).errors.length,
  };
}

describe('what is sound YAML', () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}$/);
  const text = fc.oneof(
    fc.string({ maxLength: 120 }),
    fc.lorem({ maxCount: 40 }),
    fc.constantFrom('a: b', '- a', '# a', '{{ a }}', "it's", '"', '*', '&a', '!a', '|', '%', '@', ': ', '\n', 'a\nb\n\n c'),
  );
  const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
    leaf: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    tree: fc.oneof({ maxDepth: 4 }, tie('leaf'), fc.array(tie('tree'), { maxLength: 5 }), fc.dictionary(key, tie('tree'), { maxKeys: 5 })),
  }));

  it('is never refused, however it is written', () => {
    const style = fc.record({
      indent: fc.integer({ min: 1, max: 4 }),
      indentSeq: fc.boolean(),
      lineWidth: fc.constantFrom(0, 20, 80),
      collectionStyle: fc.constantFrom<'any' | 'flow' | 'block'>('any', 'flow', 'block'),
      singleQuote: fc.constantFrom(true, false, null),
      defaultStringType: fc.constantFrom<'PLAIN' | 'QUOTE_DOUBLE' | 'QUOTE_SINGLE' | 'BLOCK_LITERAL' | 'BLOCK_FOLDED'>(
        'PLAIN',
        'QUOTE_DOUBLE',
        'QUOTE_SINGLE',
        'BLOCK_LITERAL',
        'BLOCK_FOLDED',
      ),
      defaultKeyType: fc.constantFrom<'PLAIN' | 'QUOTE_DOUBLE'>('PLAIN', 'QUOTE_DOUBLE'),
    });
    fc.assert(
      fc.property(tree, style, fc.constantFrom('\n', '\r\n'), (value, options, end) => {
        const written = stringify(value, { aliasDuplicateObjects: false, ...options }).replaceAll('\n', end);
        fc.pre(parseDocument(written, { stringKeys: true }).errors.length === 0);
        expect([written, refuseBeforeParsing(written)]).toEqual([written, undefined]);
      }),
      { numRuns: 500 },
    );
  });
});
