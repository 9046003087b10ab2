import { type DecidedFile, MOST_KEPT_TEXT } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { keptFiles } from './kept-files.ts';

const file = (text: string): DecidedFile => ({ repository: 'acme/web', path: 'dispatching.yml', text });
const lengths = (files: readonly DecidedFile[]) => keptFiles(files).map(({ text, isCut }) => [text.length, isCut]);

it('keeps the beginning of what is large, and less of what comes later', () => {
  const { file: most, all } = MOST_KEPT_TEXT;
  expect(lengths([file('x'.repeat(most)), file('x'.repeat(most + 1))])).toEqual([
    [most, undefined],
    [most, true],
  ]);
  const many = keptFiles([file('a'), ...Array.from({ length: 5 }, () => file('x'.repeat(most))), file('')]);
  expect(many.map(({ text, isCut }) => [text.length, isCut])).toEqual([
    [1, undefined],
    [most, undefined],
    [most, undefined],
    [most, undefined],
    [most - 1, true],
    [0, true],
    [0, undefined],
  ]);
  expect(many.reduce((sum, { text }) => sum + text.length, 0)).toBe(all);
});

it('cuts no character in half', () => {
  const [kept] = keptFiles([file(`x${'🙂'.repeat(MOST_KEPT_TEXT.file / 2)}`)]);
  expect([kept?.text.isWellFormed(), kept?.text.length, kept?.isCut]).toEqual([true, MOST_KEPT_TEXT.file - 1, true]);
});

it('keeps what it is told to be a beginning as one', () => {
  expect(keptFiles([{ ...file(''), isCut: true }])).toMatchObject([{ text: '', isCut: true }]);
});
