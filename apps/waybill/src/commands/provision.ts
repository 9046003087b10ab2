import type { Command } from 'commander';
import type { RegionSteps } from '@waybill/transport';
import { topologyOptions } from '../stack/topology-options.ts';
import { print, table, tell } from '../terminal/print.ts';
import { installationHere, type WhichServers } from './installation-here.ts';
import { dataOption } from './options.ts';
import { rebuildPeersHere } from './rebuild-peers.ts';

interface ProvisionOptions extends WhichServers {
  readonly region?: string;
  readonly dryRun?: boolean;
  readonly rebuildPeers?: string;
}

/** `waybill provision`: makes the streams and consumers of regions what they should be. */
export function provisionCommand(program: Command): void {
  program
    .command('provision')
    .description('create or update streams and consumers: of all regions of a deployment file, or of the running local stack, or of REGION')
    .addOption(dataOption())
    .option('--deployment <file>', 'JSON file that describes all NATS servers: provisions its regions and the hub')
    .option('--region <id>', 'only this region')
    .option('--dry-run', 'only say what would change')
    .option(
      '--rebuild-peers <id>',
      'make the copies of the other regions’ facts in this region anew, as doctor says when they are incomplete',
    )
    .action(async (options: ProvisionOptions) => {
      if (options.rebuildPeers !== undefined) return rebuildPeersHere(options, options.rebuildPeers);
      const told = await provisionHere(options);
      const rows = told.flatMap(({ place, steps }) => steps.map(({ what, action, changes }) => [place, action, what, changes.join(', ')]));
      for (const line of table(told.length === 1 ? rows.map((row) => row.slice(1)) : rows)) print(line);
    });
}

/** Provisions what the options and the environment name, in this order: a deployment file, REGION at its server, the running local stack. */
async function provisionHere(options: ProvisionOptions): Promise<RegionSteps[]> {
  const { region, dryRun = false } = options;
  const isNamed = options.deployment === undefined && namesServer(process.env);
  const installation = isNamed ? undefined : await installationHere(options);
  if (installation === undefined) return provisionByEnvironment(region, dryRun);
  const { provisionAll } = await import('../deployment/provision-all.ts');
  return provisionAll(installation, { topology: topologyOptions(process.env), dryRun, only: region }, tell);
}

const namesServer = (env: NodeJS.ProcessEnv): boolean =>
  ['NATS_URL', 'REGION_HOST', 'REGIONS_CONFIG'].some((name) => (env[name] ?? '') !== '');

/** The region that REGION names, with the other regions of REGIONS_CONFIG as its peers. The control bucket is the hub's matter. */
async function provisionByEnvironment(asked: string | undefined, dryRun: boolean): Promise<RegionSteps[]> {
  const { connectionOf, getMultiRegion } = await import('@waybill/regions');
  const { connectBus, provision, regionTopology } = await import('@waybill/transport');
  const { region: own, order } = getMultiRegion();
  const region = asked ?? own;
  if (region === undefined || !order.includes(region))
    throw new Error(`which region? Set REGION or --region to one of ${order.join(', ')}, or name all servers with --deployment`);
  const bus = await connectBus({ ...connectionOf({ service: 'provisioner', region }), onWaiting: tell });
  try {
    const topology = regionTopology(region, { ...topologyOptions(process.env), peers: order.filter((other) => other !== region) });
    return [{ place: region, steps: await provision(bus, topology, { dryRun }) }];
  } finally {
    await bus.close();
  }
}
