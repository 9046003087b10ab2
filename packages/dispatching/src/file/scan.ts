import { CST, Lexer } from 'yaml';
import type { FileProblem } from './dispatching-file.ts';
import { Shape } from './shape.ts';

const MAX_BYTES = 65_536;
const MAX_LINES = 8_000;
/** A file of 64 KiB in the usual style has some 20,000; what the parser takes grows with them. */
const MAX_TOKENS = 25_000;

/** What is no text of its own, or has no width. */
const takesColumns = (type: string | null): boolean => type !== 'doc-mode' && type !== 'flow-error-end' && type !== 'byte-order-mark';

/**
 * Looks through a text before the parser may have it: 64 KiB in UTF-8, nesting to 32, entries of one list or mapping to 128, and nothing of YAML that
 * rules do not need (anchors, aliases, tags, directives, `?` keys, second documents). Returns the first thing to refuse. Linear, and stops at the
 * first find: this is what bounds the parser's work, which is quadratic in the entries of a mapping and slow in what it reports.
 */
export function refuseBeforeParsing(text: string): FileProblem | undefined {
  if (text.length > MAX_BYTES || Buffer.byteLength(text) > MAX_BYTES) {
    return { path: '', message: 'the file is larger than 64 KiB: split the rules over several repositories, or shorten it' };
  }
  if (text.split('\n').length > MAX_LINES) return { path: '', message: `the file has more than ${MAX_LINES} lines: shorten it` };
  const shape = new Shape();
  let tokens = 0;
  let isScalar = false;
  for (const source of new Lexer().lex(text)) {
    const type: string | null = isScalar ? 'scalar-text' : CST.tokenType(source);
    isScalar = type === 'scalar';
    tokens += 1;
    const message = tokens > MAX_TOKENS ? 'the file has too many parts: shorten it' : isScalar ? undefined : shape.refuse(type, source);
    if (message !== undefined) return { path: '', line: shape.line, message };
    if (!isScalar && takesColumns(type)) shape.pass(source);
  }
  return undefined;
}
