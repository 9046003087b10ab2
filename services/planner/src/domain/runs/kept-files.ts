import { type DecidedFile, MOST_KEPT_TEXT } from '@waybill/contracts';

/** The files of a decision as far as the log keeps them: the beginning of each, and less of the later ones when all together are too much. Pure. */
export function keptFiles(files: readonly DecidedFile[]): DecidedFile[] {
  let left: number = MOST_KEPT_TEXT.all;
  return files.map((file) => {
    const text = beginningOf(file.text, Math.min(MOST_KEPT_TEXT.file, left));
    left -= text.length;
    return text === file.text ? file : { ...file, text, isCut: true };
  });
}

/** At most so many UTF-16 units, and no half of a character. */
const beginningOf = (text: string, most: number): string =>
  text.length <= most ? text : text.slice(0, most).replace(/[\u{d800}-\u{dbff}]$/u, '');
