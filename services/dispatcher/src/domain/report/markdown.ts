/** The longest piece of text from outside that a report repeats, in characters. */
const MAX_TEXT = 400;
const MAX_URL = 2_000;

/** Control, format and surrogate characters, and line breaks: they can end a cell, or turn the text around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\s]+/gu;
const NOT_PLAIN = /[^\p{L}\p{M}\p{N} .,;=%'"/()?+-]/gu;
/** GitHub looks for mentions and references in the text it has rendered, where an entity is a character again: only another character in between helps. */
const APART = '&#8203;';

const entity = (character: string): string => {
  const encoded = `&#${character.codePointAt(0) ?? 32};`;
  return character === '@' || character === '#' ? `${encoded}${APART}` : encoded;
};

/**
 * Text of others as one line of Markdown that shows these characters and does nothing: no markup, no HTML, no cell border, no mention, no reference, no link.
 * What is longer than 400 characters is cut off.
 */
export function plain(text: string): string {
  const line = text.replaceAll(UNSEEN, ' ').trim();
  const characters = Array.from(line);
  const cut = characters.length > MAX_TEXT ? `${characters.slice(0, MAX_TEXT).join('')} ...` : line;
  return cut.replaceAll(NOT_PLAIN, entity).replaceAll(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`);
}

/** A link with a text of others; the text alone when the address is none of http or https. */
export function link(text: string, url: string | undefined): string {
  const address = url === undefined ? undefined : addressOf(url);
  return address === undefined ? plain(text) : `[${plain(text)}](${address})`;
}

/** An address that can be written to Markdown; undefined for anything but http and https, and for one with credentials. */
export function addressOf(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '') return undefined;
  const address = parsed.href.replaceAll(/[^\w\-.~:/?#@!$&+,;=%]/g, (character) =>
    encodeURIComponent(character).replaceAll(/[()*'!]/g, percent),
  );
  return address.length > MAX_URL ? undefined : address;
}

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** GitHub counts 65,535; some room is left for what comes after the lines. */
const MAX_BYTES = 60_000;
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** As many lines as `budget` (bytes, with their line ends) has room for, in order; `left`: how many are left out at the end. */
export function fitting(lines: readonly string[], budget = MAX_BYTES): { readonly lines: readonly string[]; readonly left: number } {
  let used = 0;
  const count = lines.findIndex((line) => (used += bytesOf(line) + 1) > budget);
  return count === -1 ? { lines, left: 0 } : { lines: lines.slice(0, count), left: lines.length - count };
}
