const MAX_DEPTH = 32;
const MAX_ENTRIES = 128;

const ANCHORS = 'anchors and aliases (& and *) are not allowed: write the value out, or quote it when it is text';
const NOT_ALLOWED: Readonly<Record<string, string>> = {
  anchor: ANCHORS,
  alias: ANCHORS,
  tag: 'tags (!) are not allowed: remove it, or quote the value when it is text',
  'directive-line': 'directives (%) are not allowed: remove the line',
  'explicit-key-ind': 'keys that begin with ? are not allowed: write `key: value`',
  'flow-error-end': 'a bracket is not closed: add the ] or } that is missing',
};
const TEMPLATE = 'quote the template, as in "{{ source.sha }}": YAML takes an unquoted { for a mapping';
const TWO_VALUES = 'two values stand side by side: put them on lines of their own, or quote them as one text';
const INDENT = 'the indentation does not fit: a value is already there, and this begins another one below it';
const ESCAPES = /\\(?:[0abtnvfre "/\\N_LP\t\r\n]|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8})/g;

interface Block {
  readonly kind: 'map' | 'seq';
  readonly column: number;
  entries: number;
}

/**
 * Follows the tokens of a YAML text and says at which of them it stops having the shape of a sound one: too deep, too many entries, or what the parser
 * would call an error, so that it is never given thousands of them.
 */
export class Shape {
  line = 1;
  #column = 0;
  readonly #blocks: Block[] = [];
  /** The open brackets, each with its entries so far and the colons in the entry it is at. */
  readonly #brackets: { entries: number; colons: number }[] = [];
  #last: 'open' | 'value' = 'open';
  #before: string | null = null;
  /** Column of the first thing on this line, or behind its dashes: where a key begins. */
  #keyColumn: number | undefined;
  #hasColon = false;
  #hasValue = false;
  /** A value stands where only a key can: a colon must follow on this line. */
  #owesColon = false;
  #document: 'before' | 'within' | 'after' = 'before';

  /** Moves on behind a token. */
  pass(source: string): void {
    const end = source.lastIndexOf('\n');
    this.#column = end === -1 ? this.#column + source.length : source.length - end - 1;
    for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) this.line += 1;
  }

  /** What is wrong with the next token, which has not been passed yet. `type` as the lexer calls it; null for what is no token. */
  refuse(type: string | null, source: string): string | undefined {
    switch (type) {
      case 'space':
      case 'comment':
      case 'byte-order-mark':
      case 'doc-mode':
      case 'block-scalar-header':
        return undefined;
      case 'newline':
        return this.#newline();
      case 'doc-start':
      case 'doc-end':
        return this.#documentMark(type);
      default:
        return this.#ofContent(type, source);
    }
  }

  #ofContent(type: string | null, source: string): string | undefined {
    const message = NOT_ALLOWED[type ?? ''] ?? (this.#document === 'after' ? 'only one document is allowed' : this.#content(type, source));
    this.#document = 'within';
    this.#before = type;
    return message;
  }

  #content(type: string | null, source: string): string | undefined {
    switch (type) {
      case 'scalar-text':
        // That of a block scalar takes the end of its last line with it.
        return this.#value() ?? (source.endsWith('\n') ? this.#newline() : undefined);
      case 'single-quoted-scalar':
        return this.#value();
      case 'double-quoted-scalar':
        return source.replaceAll(ESCAPES, '').includes('\\') ? 'an escape in double quotes is not known: use single quotes' : this.#value();
      case 'flow-map-start':
      case 'flow-seq-start':
        return this.#openBracket(type);
      case 'flow-map-end':
      case 'flow-seq-end':
        this.#last = 'value';
        return this.#brackets.pop() === undefined ? 'a bracket is closed that was not opened' : undefined;
      case 'comma':
        return this.#comma();
      case 'seq-item-ind':
        return this.#dash();
      case 'map-value-ind':
        return this.#colon();
      default:
        return 'this is not YAML';
    }
  }

  #documentMark(type: 'doc-start' | 'doc-end'): string | undefined {
    if (type === 'doc-start' && this.#document !== 'before') return 'only one document is allowed: remove the line ---';
    this.#document = type === 'doc-start' ? 'within' : 'after';
    return this.#newline();
  }

  #newline(): string | undefined {
    if (this.#brackets.length > 0) return undefined;
    if (this.#owesColon) return 'a key needs a colon and a value: write `key: value`';
    this.#keyColumn = undefined;
    this.#hasColon = false;
    this.#hasValue = false;
    return undefined;
  }

  #value(): string | undefined {
    if (this.#last === 'value') {
      if (this.#brackets.length > 0 || this.#hasValue) return TWO_VALUES;
      this.#owesColon = true;
    }
    if (this.#brackets.length === 0) this.#keyColumn ??= this.#column;
    this.#last = 'value';
    this.#hasValue = true;
    return undefined;
  }

  #openBracket(type: string): string | undefined {
    if (type === 'flow-map-start' && this.#before === 'flow-map-start') return TEMPLATE;
    const message = this.#value();
    this.#last = 'open';
    this.#brackets.push({ entries: 1, colons: 0 });
    return message ?? this.#tooDeep();
  }

  #comma(): string | undefined {
    const bracket = this.#brackets.at(-1);
    if (bracket === undefined || (this.#last === 'open' && bracket.colons === 0)) return 'there is nothing before this comma';
    bracket.colons = 0;
    this.#last = 'open';
    return this.#count(bracket);
  }

  #dash(): string | undefined {
    if (this.#brackets.length > 0) return 'a list in brackets has commas, no dashes';
    if (this.#hasColon) return 'a list begins on a line of its own, below its key';
    if (this.#hasValue) return TWO_VALUES;
    const message = this.#block('seq', this.#column, this.#last === 'open');
    this.#last = 'open';
    this.#keyColumn = undefined;
    return message;
  }

  #colon(): string | undefined {
    const bracket = this.#brackets.at(-1);
    if (bracket === undefined ? this.#hasColon : bracket.colons > 0) return 'a second colon in one entry: quote the text that holds it';
    this.#last = 'open';
    if (bracket !== undefined) {
      bracket.colons += 1;
      return undefined;
    }
    const message = this.#block('map', this.#keyColumn ?? this.#column, !this.#owesColon);
    this.#hasColon = true;
    this.#hasValue = false;
    this.#owesColon = false;
    return message;
  }

  /** An entry of the list or mapping that stands at this column, or the first of a new one, which is only right where a value may begin. */
  #block(kind: Block['kind'], column: number, mayBegin: boolean): string | undefined {
    for (let top = this.#blocks.at(-1); top !== undefined; top = this.#blocks.at(-1)) {
      // A list may stand at the column of the key it belongs to; a key at the column of a list ends that list.
      if (top.column < column || (top.column === column && (top.kind === kind || kind === 'seq'))) break;
      this.#blocks.pop();
    }
    const top = this.#blocks.at(-1);
    if (top?.column === column && top.kind === kind) return this.#count(top);
    if (!mayBegin) return INDENT;
    this.#blocks.push({ kind, column, entries: 1 });
    return this.#tooDeep();
  }

  #count(collection: { entries: number }): string | undefined {
    collection.entries += 1;
    return collection.entries > MAX_ENTRIES ? `more than ${MAX_ENTRIES} entries in one list or mapping: split it` : undefined;
  }

  #tooDeep(): string | undefined {
    const depth = this.#blocks.length + this.#brackets.length;
    return depth > MAX_DEPTH ? `lists and mappings are nested deeper than ${MAX_DEPTH}` : undefined;
  }
}
