import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Case, DECIDED, DECISION_ROWS, MATRIX, type Proof, REGRESSIONS } from './conformance-cases.ts';
import { conformancePage } from './conformance-page.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const isTable = ({ file, title }: Proof): boolean => file === DECIDED.file && title === DECIDED.title;
/** The numbers that open the rows of a table: `[7, 'what'`, `[⏎ 7,`, `invalid(7, 'what'`. */
const rowsIn = (source: string): Set<number> =>
  new Set([...source.matchAll(/(?:\[|\binvalid\()\s*(\d+),\s*['"`]/g)].map(([, row]) => Number(row)));

/** Whether a test of this title runs: it is the first argument of a call that neither is a comment, nor groups, nor skips. */
function hasTest(source: string, title: string): boolean {
  const code = source.replaceAll(/^\s*(\/\/|\*).*$/gm, '');
  const quoted = title.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  return [...code.matchAll(new RegExp(`([\\w.]+|\\))\\(\\s*['"\`]${quoted}['"\`],`, 'g'))].some(
    ([, callee = '']) => !/describe|skip|todo|fails/.test(callee),
  );
}

function missing(cases: readonly Case[]): string[] {
  const rows = rowsIn(read(DECISION_ROWS));
  return cases.flatMap(([number, , , ...proofs]) =>
    proofs
      .filter((proof) => {
        if (!existsSync(`${root}${proof.file}`) || !hasTest(read(proof.file), proof.title)) return true;
        return cases === MATRIX && isTable(proof) && !rows.has(number);
      })
      .map(({ file, title }) => `${number}: ${file}: ${title}`),
  );
}

describe('the decision matrix and the defects of the predecessor', () => {
  it('are on the page as the cases have them: run npm run docs', () => {
    expect(read('docs/github-conformance.md')).toBe(conformancePage());
  });

  it('are all there, in order, each with a proof', () => {
    const numbers = (cases: readonly Case[]): number[] => cases.map(([number]) => number);
    expect(numbers(MATRIX)).toEqual(Array.from({ length: 59 }, (_, index) => index + 1));
    expect(numbers(REGRESSIONS)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect([...MATRIX, ...REGRESSIONS].filter(([, , , ...proofs]) => proofs.length === 0)).toEqual([]);
  });

  it.each([
    ['matrix', MATRIX],
    ['defects', REGRESSIONS],
  ])('of the %s each name tests that exist', (_, cases) => {
    expect(missing(cases)).toEqual([]);
  });

  it('have every row that the decision is tested with', () => {
    const tabled = MATRIX.filter(([, , , ...proofs]) => proofs.some(isTable)).map(([number]) => number);
    expect([...rowsIn(read(DECISION_ROWS))].filter((row) => row > 0).toSorted((a, b) => a - b)).toEqual(tabled);
  });

  it('miss what is gone: a file, a title, a row, a test that is skipped or a comment', () => {
    const gone: Proof = { file: 'e2e/nowhere.e2e.spec.ts', title: 'anything' };
    expect(missing([[1, '', '', gone, { ...DECIDED, title: 'no such title' }]])).toHaveLength(2);
    expect(rowsIn("[7, 'a'], ...xs.map((x): Row => [\n  8,\n  `b ${x}`, ...invalid(9, 'c', [10, 11])").size).toBe(3);
    expect(hasTest("it('a.b', () => {});", 'a.b')).toBe(true);
    expect(hasTest("it.each([\n  1,\n])(\n  'a', () => {});", 'a')).toBe(true);
    for (const source of ["describe('a', f)", "it.skip('a', f)", "it.todo('a', f)", "// it('a', f)", "it('a b', f)", "  * it('a', f)"])
      expect(hasTest(source, 'a')).toBe(false);
  });
});
