import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const place = { traceId: z.string(), spanId: z.string() };
const spanSchema = z.object({
  ...place,
  name: z.string(),
  parentSpanId: z.string().optional(),
  links: z.array(z.object(place)).optional(),
});
const exportSchema = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })) })),
});

/** A receiver of OTLP/JSON that keeps what comes. */
export class CollectedSpans {
  readonly #server: Server;
  /** In the order in which they came. */
  readonly spans: z.output<typeof spanSchema>[] = [];
  #url = '';

  constructor() {
    this.#server = createServer((request, response) => {
      void json(request).then((body) => {
        for (const { scopeSpans } of exportSchema.parse(body).resourceSpans) this.spans.push(...scopeSpans.flatMap(({ spans }) => spans));
        response.end('{}');
      });
    });
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#url = `http://127.0.0.1:${z.object({ port: z.number() }).parse(this.#server.address()).port}`;
  }

  /** What makes a service send its spans here, soon. */
  get env(): Readonly<Record<string, string>> {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: this.#url, OTEL_BSP_SCHEDULE_DELAY: '20' };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
