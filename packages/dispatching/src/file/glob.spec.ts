import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from './glob.ts';

describe('matchesGlob', () => {
  it.each<[string, string, boolean]>([
    ['main', 'main', true],
    ['main', 'Main', false],
    ['main', 'main2', false],
    ['release/*', 'release/1', true],
    ['release/*', 'release/', true],
    ['release/*', 'release/1/x', false],
    ['release/**', 'release/1/x', true],
    ['**', 'a/b/c', true],
    ['*', 'a/b', false],
    ['*', '', true],
    ['**/x', 'a/b/x', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'aXbY', false],
    ['a.c', 'abc', false],
    ['***', 'a/b', true],
    ['v1.*', 'v1.2.3', true],
  ])('%s and %s: %s', (pattern, text, fits) => {
    expect(matchesGlob(pattern, text)).toBe(fits);
  });

  it('does what the same regular expression does', () => {
    const unit = fc.constantFrom('a', 'b', '/', '*', '**', '.');
    fc.assert(
      fc.property(
        fc.array(unit, { maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 12 }),
        (parts, text) => {
          const pattern = parts.join('');
          const source = (pattern.match(/\*+|[^*]/g) ?? []).map((step) =>
            step === '*' ? '[^/]*' : step.startsWith('*') ? '.*' : step.replace('.', '\\.'),
          );
          expect(matchesGlob(pattern, text)).toBe(new RegExp(`^${source.join('')}$`).test(text));
        },
      ),
    );
  });

  it('is not led into backtracking', () => {
    expect(matchesGlob(`${'a*'.repeat(60)}b`, 'a'.repeat(250))).toBe(false);
  });
});
