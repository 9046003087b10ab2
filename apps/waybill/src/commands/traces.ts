import type { Command } from 'commander';
import { traceViewSchema } from '@waybill/contracts';
import { apiOf } from '../client/api.ts';
import { waterfallLines } from '../client/waterfall.ts';
import { print, tell } from '../terminal/print.ts';
import { dataOption, wholeNumberIn } from './options.ts';

/** `waybill trace <id>`: what every service did for an event. */
export function traceCommand(program: Command): void {
  program
    .command('trace')
    .description('draw what every service did for an event, span by span')
    .argument('<id>', 'id of an event, a delivery or a trace')
    .addOption(dataOption())
    .option('--json', 'print the API answer as it is')
    .action(async (id: string, options: { data: string; json?: boolean }) => {
      const answer = await apiOf(options.data, process.env).get(`/v1/traces/${encodeURIComponent(id)}`);
      if (options.json === true) return print(JSON.stringify(answer, null, 2));
      for (const line of waterfallLines(traceViewSchema.parse(answer))) print(line);
    });
}

interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly spans: number;
  readonly memory: number;
}

const MIB = 1024 * 1024;

/** `waybill traces`: a place for spans where there is no other. */
export function tracesCommand(program: Command): void {
  program
    .command('traces')
    .description('keep traces without another tool')
    .command('serve')
    .description(
      'take spans (OTLP over HTTP, as JSON) and keep the newest in memory. Services send them with OTEL_EXPORTER_OTLP_ENDPOINT set to this address; ' +
        'an ingress shows them with TRACES_URL set to it',
    )
    .option('--port <n>', 'port to listen on', wholeNumberIn(0, 65_535), 4318)
    .option('--host <address>', 'address to listen on; whoever reaches it may read every trace', '127.0.0.1')
    .option('--spans <n>', 'spans to keep', wholeNumberIn(1, 10_000_000), 20_000)
    .option('--memory <MiB>', 'memory to keep them in', wholeNumberIn(1, 65_536), 32)
    .action(async ({ port, host, spans, memory }: ServeOptions) => {
      const { startTraceReceiver, TraceStore } = await import('@waybill/traces');
      const receiver = await startTraceReceiver({ port, host, store: new TraceStore({ maxSpans: spans, maxBytes: memory * MIB }) });
      print(receiver.url);
      tell(`OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url} for all services, TRACES_URL=${receiver.url} for the ingress; Ctrl-C ends`);
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
      });
      await receiver.close();
    });
}
