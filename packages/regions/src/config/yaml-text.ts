import { type ErrorCode, LineCounter, parseDocument } from 'yaml';

/** Two hundred regions with every field fit; more only costs time. */
const LARGEST_BYTES = 65_536;
/** What follows the first errors of a broken text is mostly caused by them. */
const ERRORS_TOLD = 10;

/** The library's own messages may quote the text, and the text may hold secrets: every message is one of these. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  BAD_INDENT: 'the indentation is wrong, or a bracket is not closed',
  TAB_AS_INDENT: 'a tab is used to indent; use spaces',
  BLOCK_AS_IMPLICIT_KEY: 'a second colon follows; put the value in quotes',
  BAD_SCALAR_START: 'the value begins with a reserved character; put it in quotes',
  BAD_DQ_ESCAPE: 'a backslash in double quotes starts no escape; use single quotes',
  DUPLICATE_KEY: 'the field occurs twice; keep one',
  MULTIPLE_DOCS: 'a second document begins (---); keep one',
  NON_STRING_KEY: 'a field name is not text',
  TAG_RESOLVE_FAILED: 'a tag (!) is not known; leave it out, or put the value in quotes',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
};

/**
 * Reads one YAML 1.2 document. Bounded: 64 KiB of text, 100 uses of an alias, and depth is refused instead of overflowing the stack. Problems
 * name line and column (both from 1) and quote nothing of the text.
 */
export function readYaml(text: string): { readonly value: unknown } | { readonly problems: readonly string[] } {
  const bytes = Buffer.byteLength(text);
  if (bytes > LARGEST_BYTES) return { problems: [`${bytes} bytes are too many; use at most ${LARGEST_BYTES}`] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, resolveKnownTags: false });
  const told = [...document.errors, ...document.warnings].map(({ code, pos: [offset] }) => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}: not YAML: ${WORDS[code] ?? `something does not belong here (${code})`}`;
  });
  const problems = [...new Set(told)];
  if (problems.length > ERRORS_TOLD) return { problems: [...problems.slice(0, ERRORS_TOLD), `and ${problems.length - ERRORS_TOLD} more`] };
  if (problems.length > 0) return { problems };
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { value };
  } catch {
    return { problems: ['not YAML: an alias (*) names no anchor, or aliases multiply; put a value that begins with * in quotes'] };
  }
}
