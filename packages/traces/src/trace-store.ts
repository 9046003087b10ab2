/** One span as it came in. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
}

/** The newest spans, in memory. */
export class TraceStore {
  readonly #spans: Span[] = [];

  add(span: Span): void {
    this.#spans.push(span);
  }
}
