/** What a route gives back. */
export interface Answer {
  readonly status: number;
  /** Written as JSON; bigint becomes a number of any size. Undefined: no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is refused: becomes the answer with this status and `message`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    message: string,
    with_: { readonly headers?: Readonly<Record<string, string>>; readonly more?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.status = status;
    this.headers = with_.headers ?? {};
    this.more = with_.more ?? {};
  }

  toAnswer(): Answer {
    const body = { message: this.message, documentation_url: 'https://docs.github.com/rest', status: String(this.status), ...this.more };
    return { status: this.status, headers: this.headers, body };
  }
}

export const NOT_FOUND = (): Refusal => new Refusal(404, 'Not Found');

/** JSON in which bigints are plain numbers, whatever their size. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `@int:${item}@` : item));
  return text.replaceAll(/"@int:(\d+)@"/gu, '$1');
}
