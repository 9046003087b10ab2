import type { Command } from 'commander';
import { keyTtlMs } from '../audit/key-ttl.ts';
import { retain, type Retained } from '../audit/retain.ts';
import { topologyOptions } from '../stack/topology-options.ts';
import { print, table } from '../terminal/print.ts';
import { installationHere, type WhichServers } from './installation-here.ts';
import { dataOption } from './options.ts';

interface RetentionOptions extends WhichServers {
  readonly apply?: boolean;
}

/** `waybill retention`: removes old facts that nothing needs any more. */
export function retentionCommand(program: Command): void {
  program
    .command('retention')
    .description(
      'show which old facts may go and what holds them back (LOG_MAX_AGE_DAYS, DEAD_LETTER_DAYS); exit code 1 when a region is away',
    )
    .addOption(dataOption())
    .option('--deployment <file>', 'JSON file that describes all NATS servers: all of its regions instead of a local stack')
    .option('--apply', 'remove what may go; never more than that')
    .action(async (options: RetentionOptions) => {
      const installation = await installationHere(options);
      if (installation === undefined) throw new Error('name the servers with --deployment, or start the local stack first');
      const topology = topologyOptions(process.env);
      const retained = await retain(installation, {
        topology,
        keyTtlMs: keyTtlMs(process.env),
        apply: options.apply === true,
        nowMs: Date.now(),
      });
      for (const line of retained.flatMap((one) => inLines(one, options.apply === true))) print(line);
      if (retained.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
    });
}

function inLines({ region, streams, failure }: Retained, apply: boolean): string[] {
  if (failure !== undefined) return [`${region}: ${failure}`];
  const rows = streams.map(({ stream, messages, bytes, firstMs, keepFromSeq, removable, removableBytes, removed }) => [
    stream,
    `${messages} facts, ${megabytes(bytes)}`,
    firstMs === undefined ? 'empty' : `from ${new Date(firstMs).toISOString()}`,
    apply ? `${removed} removed` : `${removable} may go, about ${megabytes(removableBytes)}`,
    `kept from sequence ${keepFromSeq}`,
  ]);
  const held = streams.flatMap(({ stream, heldBy }) =>
    heldBy.map(({ what, fromSeq }) => `  ${stream} is held back at ${fromSeq}: ${what}`),
  );
  return [...table(rows), ...held];
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
