/** Levels of nesting that are accepted: an object in an object is two. */
export const MAX_JSON_DEPTH = 64;

/** Where a value lies in the scanned bytes: from `start` up to, but not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What one scan found. Only meaningful when the bytes are valid JSON, which the scan does not decide. */
export interface JsonScan {
  readonly maxDepth: number;
  /** Colons outside strings: in valid JSON, the number of members of all objects together. */
  readonly members: number;
  /** The value of the top-level member asked for; of several with that name the last, as `JSON.parse` has it. */
  readonly range: ByteRange | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Index of the quote that ends the string whose content begins at `from`; the length of the bytes when it never ends. */
function endOfString(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return Math.min(at, bytes.length);
}

/** Whether the string between the quotes is `name`; one written with escapes is decoded first. */
function isNamed(bytes: Buffer, start: number, end: number, name: string): boolean {
  const text = bytes.toString('utf8', start, end);
  if (!text.includes('\\')) return text === name;
  try {
    return JSON.parse(`"${text}"`) === name;
  } catch {
    return false;
  }
}

/** Range without the JSON white space at its ends. */
function trim(bytes: Uint8Array, from: number, to: number): ByteRange {
  const isBlank = (at: number): boolean => bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09;
  let start = from;
  let end = to;
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return { start, end };
}

/** Follows the members of the top-level object, to find where the value of one of them lies. */
class MemberFinder {
  readonly #bytes: Buffer;
  readonly #name: string | undefined;
  #keyStart = 0;
  #keyEnd = 0;
  #valueStart = -1;
  range: ByteRange | undefined;

  constructor(bytes: Buffer, name: string | undefined) {
    this.#bytes = bytes;
    this.#name = name;
  }

  sawString(start: number, end: number): void {
    this.#keyStart = start;
    this.#keyEnd = end;
  }

  sawColon(at: number): void {
    if (this.#name !== undefined && isNamed(this.#bytes, this.#keyStart, this.#keyEnd, this.#name)) this.#valueStart = at + 1;
  }

  sawEnd(at: number): void {
    if (this.#valueStart < 0) return;
    this.range = trim(this.#bytes, this.#valueStart, at);
    this.#valueStart = -1;
  }
}

/**
 * Reads the bytes once, without recursion: depth, number of members, and the place of one top-level member's value.
 * Never throws, whatever the bytes are. About 1 ns a byte.
 */
export function scanJson(bytes: Buffer, member?: string): JsonScan {
  const finder = new MemberFinder(bytes, member);
  let depth = 0;
  let maxDepth = 0;
  let members = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = endOfString(bytes, at + 1);
      if (depth === 1) finder.sawString(at + 1, end);
      at = end;
    } else if (byte === COLON) {
      members += 1;
      if (depth === 1) finder.sawColon(at);
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > maxDepth) maxDepth = depth;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 1) finder.sawEnd(at);
      depth -= 1;
    } else if (byte === COMMA && depth === 1) finder.sawEnd(at);
  }
  return { maxDepth, members, range: finder.range };
}
