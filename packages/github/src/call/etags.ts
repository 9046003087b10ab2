import { hash } from 'node:crypto';
import { bound } from './fresh-cache.ts';

interface Tagged<T> {
  readonly etag: string;
  readonly value: T;
}

/** What was read under which entity tag. GitHub's tags hold for one token only. */
export class Etags<T> {
  readonly #entries = new Map<string, Tagged<T>>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Tokens are kept as digests only. */
  static key(token: string, of: string): string {
    return `${hash('sha256', token)} ${of}`;
  }

  get(key: string): Tagged<T> | undefined {
    return this.#entries.get(key);
  }

  set(key: string, tagged: Tagged<T>): void {
    this.#entries.delete(key);
    this.#entries.set(key, tagged);
    bound(this.#entries, this.#capacity);
  }
}
