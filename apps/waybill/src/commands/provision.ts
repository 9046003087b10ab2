import type { Command } from 'commander';
import type { ProvisionStep } from '@waybill/transport';
import { dataPaths } from '../stack/layout.ts';
import { isAlive } from '../stack/processes.ts';
import { readRunFile } from '../stack/run-file.ts';
import { topologyOptions } from '../stack/topology-options.ts';
import { print, table, tell } from '../terminal/print.ts';
import { dataOption } from './options.ts';

/** `waybill provision`: makes a region's streams and consumers what they should be. */
export function provisionCommand(program: Command): void {
  program
    .command('provision')
    .description('create or update the streams and consumers of a region (REGION, NATS_URL, or a running local stack)')
    .addOption(dataOption())
    .option('--dry-run', 'only say what would change')
    .action(async (options: { data: string; dryRun?: boolean }) => {
      const steps = await provisionHere(options.data, options.dryRun === true);
      for (const line of table(steps.map(({ what, action, changes }) => [action, what, changes.join(', ')]))) print(line);
    });
}

/** Provisions the region that the environment names, or else the one of the local stack. */
export async function provisionHere(dataDir: string, dryRun: boolean): Promise<ProvisionStep[]> {
  const { connectBus, provision, regionTopology } = await import('@waybill/transport');
  const { region, servers, user, password } = await regionHere(dataDir);
  const bus = await connectBus({ servers, name: 'waybill-provision', user, password, onWaiting: tell });
  try {
    return await provision(bus, regionTopology(region, topologyOptions(process.env)), { dryRun });
  } finally {
    await bus.close();
  }
}

interface RegionHere {
  readonly region: string;
  readonly servers: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

async function regionHere(dataDir: string): Promise<RegionHere> {
  const { baseConfigSchema, loadConfig } = await import('@waybill/runtime');
  const config = loadConfig(baseConfigSchema);
  const state = readRunFile(dataPaths(dataDir).run);
  const local = state !== undefined && isAlive(state.pid) ? state.regions[0] : undefined;
  const named = process.env['NATS_URL'] ?? process.env['REGION_HOST'];
  if (named === undefined && local !== undefined) return { region: local.id, servers: local.natsUrl };
  return { region: config.REGION, servers: config.NATS_URL, user: config.NATS_USER, password: config.NATS_PASSWORD };
}
