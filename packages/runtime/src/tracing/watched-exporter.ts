import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.ts';

type Done = Parameters<SpanExporter['export']>[1];
type Result = Parameters<Done>[0];

/** Tells once when spans stop to arrive and once when they do again. What the exporter says of it stays unsaid: it may name addresses with keys in them. */
export class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #logger: Logger;
  #lost = 0;

  constructor(exporter: SpanExporter, logger: Logger) {
    this.#exporter = exporter;
    this.#logger = logger;
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#exporter.export(spans, (result) => {
      this.#tell(result, spans.length);
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #tell({ error }: Result, spans: number): void {
    if (error === undefined) {
      if (this.#lost > 0) this.#logger.info({ event: 'tracing.exported', lostSpans: this.#lost }, 'spans arrive again');
      this.#lost = 0;
      return;
    }
    if (this.#lost === 0)
      this.#logger.warn({ event: 'tracing.export_failed', reason: reasonOf(error) }, 'spans do not arrive; nothing else is affected');
    this.#lost += spans;
  }
}

const reasonOf = (error: Error): string => ('code' in error ? String(error.code) : error.name);
