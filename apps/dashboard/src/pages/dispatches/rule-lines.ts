/** Lines of a text, from 1, both inclusive. */
export interface Lines {
  readonly from: number;
  readonly to: number;
}

const isEmpty = (line: string): boolean => /^\s*(?:#.*)?$/.test(line);
const PLACE = /^(?:out|in)bound\[(\d+)\]$/;

/**
 * The items of the list below a key, within some lines of a YAML text. Read by indentation, not parsed: a file is marked for the eye, and a parser would weigh
 * more than the page. Undefined when the key is not there; empty when its list is written in one line.
 */
function itemsBelow(text: readonly string[], within: Lines, key: string): readonly Lines[] | undefined {
  const at = keyLine(text, within, key);
  if (at === undefined) return undefined;
  const dash = /^(\s*)-(?:\s|$)/;
  const items: { from: number; to: number }[] = [];
  let indent: number | undefined;
  for (let line = at + 1; line <= within.to; line += 1) {
    const content = text[line - 1] ?? '';
    if (isEmpty(content)) continue;
    const depth = content.search(/\S/);
    const isItem = dash.test(content) && depth === (indent ?? depth);
    if (indent === undefined && !isItem) break;
    indent ??= depth;
    if (depth < indent || (depth === indent && !isItem)) break;
    const last = items.at(-1);
    if (isItem) items.push({ from: line, to: line });
    else if (last !== undefined) last.to = line;
  }
  return items;
}

function keyLine(text: readonly string[], { from, to }: Lines, key: string): number | undefined {
  const pattern = new RegExp(`^\\s*(?:-\\s+)?["']?${key}["']?\\s*:`);
  for (let line = from; line <= to; line += 1) if (pattern.test(text[line - 1] ?? '')) return line;
  return undefined;
}

const whole = (text: readonly string[]): Lines => ({ from: 1, to: text.length });
const wordsOf = (text: readonly string[], { from, to }: Lines): ReadonlySet<string> =>
  new Set(
    text
      .slice(from - 1, to)
      .flatMap((line) => line.replace(/(?:^|\s)#.*$/, '').split(/[\s,[\]{}"':]+/))
      .map((word) => word.toLowerCase()),
  );

export type Section = 'outbound' | 'inbound';

/** The lines of a rule by its name: its `id`, or its place as `outbound[2]`. A rule in a list of one line is that line. */
export function ruleLines(file: string, section: Section, name: string): Lines | undefined {
  const text = file.split('\n');
  const items = itemsBelow(text, whole(text), section);
  if (items === undefined) return undefined;
  if (items.length === 0) return sectionLine(file, section);
  const place = PLACE.exec(name)?.[1];
  if (place !== undefined) return items[Number(place)];
  return items.find((item) => {
    const id = keyLine(text, item, 'id');
    return id !== undefined && wordsOf(text, { from: id, to: id }).has(name.toLowerCase());
  });
}

/** The line on which a section begins. */
export function sectionLine(file: string, section: Section): Lines | undefined {
  const text = file.split('\n');
  const at = keyLine(text, whole(text), section);
  return at === undefined ? undefined : { from: at, to: at };
}

/** Whether a section holds rules of its own lines. */
export function hasRules(file: string, section: Section): boolean {
  const text = file.split('\n');
  return (itemsBelow(text, whole(text), section) ?? []).length > 0;
}

/** Of the targets of a rule the one that names all this; the whole rule when none can be told apart. */
export function targetLines(file: string, rule: Lines, names: readonly (readonly string[])[]): Lines {
  const text = file.split('\n');
  const targets = itemsBelow(text, rule, 'targets') ?? [];
  return targets.find((item) => mentions(text, item, names)) ?? rule;
}

/** The rules of a section that speak of all this: of each list of names one at least. Patterns such as `web-*` speak of what they fit. */
export function rulesAbout(file: string, section: Section, names: readonly (readonly string[])[]): readonly Lines[] {
  const text = file.split('\n');
  return (itemsBelow(text, whole(text), section) ?? []).filter((item) => mentions(text, item, names));
}

function mentions(text: readonly string[], item: Lines, names: readonly (readonly string[])[]): boolean {
  const words = [...wordsOf(text, item)];
  return names.every((same) => same.some((name) => words.some((word) => fits(word, name.toLowerCase()))));
}

/** A lone star may stand for anything at all, so it is a word like others. */
function fits(word: string, name: string): boolean {
  if (!/\w.*\*|\*.*\w/.test(word)) return word === name;
  const parts = word.split(/\*+/).map((part) => part.replaceAll(/[.+?^${}()|\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`).test(name);
}
