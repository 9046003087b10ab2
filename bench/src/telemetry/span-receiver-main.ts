import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

// A process of its own: takes spans as OTLP in JSON, counts them, and keeps none.
const PROGRESS_MS = 100;
const sent = z.object({ resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(z.unknown()) })) })) });

let spans = 0;
const server = createServer((request, response) => {
  void json(request).then((body) => {
    for (const { scopeSpans } of sent.parse(body).resourceSpans) for (const scope of scopeSpans) spans += scope.spans.length;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.({ port: address.port, spans });
  setInterval(() => process.send?.({ port: typeof address === 'object' ? address?.port : 0, spans }), PROGRESS_MS);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
