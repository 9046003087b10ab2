type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or close' | 'end';

const BLANK = /[ \t\r\n]*/y;
const STRING_START = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Walks a JSON text by its grammar until something does not fit. Not recursive. */
class Walk {
  readonly #text: string;
  readonly #open: string[] = [];
  #at = 0;
  #expected: Expected = 'value';

  constructor(text: string) {
    this.#text = text;
  }

  /** The place of the first character that cannot be there; undefined when all of it fits. */
  run(): number | undefined {
    for (;;) {
      this.#eat(BLANK);
      if (this.#at >= this.#text.length) return this.#expected === 'end' ? undefined : this.#at;
      if (!this.#step(this.#text[this.#at] ?? '')) return this.#at;
    }
  }

  #eat(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #step(character: string): boolean {
    switch (this.#expected) {
      case 'value or ]':
        return character === ']' ? this.#close(character) : this.#value(character);
      case 'value':
        return this.#value(character);
      case 'key or }':
        return character === '}' ? this.#close(character) : this.#string('colon');
      case 'key':
        return this.#string('colon');
      case 'colon':
        return character === ':' && this.#take('value');
      case 'comma or close':
        return character === ',' ? this.#take(this.#open.at(-1) === '}' ? 'key' : 'value') : this.#close(character);
      case 'end':
        return false;
    }
  }

  #take(next: Expected): boolean {
    this.#at += 1;
    this.#expected = next;
    return true;
  }

  #value(character: string): boolean {
    if (character === '"') return this.#string(this.#afterValue());
    if (character === '{' || character === '[') {
      this.#open.push(character === '{' ? '}' : ']');
      return this.#take(character === '{' ? 'key or }' : 'value or ]');
    }
    if (!this.#eat(SCALAR)) return false;
    this.#expected = this.#afterValue();
    return true;
  }

  #string(next: Expected): boolean {
    return this.#eat(STRING_START) && this.#text[this.#at] === '"' && this.#take(next);
  }

  #close(character: string): boolean {
    if (this.#open.at(-1) !== character) return false;
    this.#open.pop();
    return this.#take(this.#afterValue());
  }

  #afterValue(): Expected {
    return this.#open.length === 0 ? 'end' : 'comma or close';
  }
}

/**
 * Index of the first character at which `text` stops being JSON, its length when it ends too early; undefined when it is valid.
 * The engine's own message gives a position for some mistakes only. Slower than `JSON.parse`, meant for texts that it refused.
 */
export const malformedAt = (text: string): number | undefined => new Walk(text).run();
