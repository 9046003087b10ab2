import type { Command } from 'commander';
import type { RegionSteps } from '@waybill/transport';
import type { Installation } from '../deployment/installation.ts';
import { dataPaths } from '../stack/layout.ts';
import { isRunning, readRunFile } from '../stack/run-file.ts';
import { topologyOptions } from '../stack/topology-options.ts';
import { print, table, tell } from '../terminal/print.ts';
import { dataOption } from './options.ts';

interface ProvisionOptions {
  readonly data: string;
  readonly deployment?: string;
  readonly region?: string;
  readonly dryRun?: boolean;
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
    .action(async (options: ProvisionOptions) => {
      const told = await provisionHere(options);
      const rows = told.flatMap(({ place, steps }) => steps.map(({ what, action, changes }) => [place, action, what, changes.join(', ')]));
      for (const line of table(told.length === 1 ? rows.map((row) => row.slice(1)) : rows)) print(line);
    });
}

/** Provisions what the options and the environment name, in this order: a deployment file, REGION at NATS_URL, the running local stack. */
export async function provisionHere({ data, deployment, region, dryRun = false }: ProvisionOptions): Promise<RegionSteps[]> {
  const { provisionAll } = await import('../deployment/provision-all.ts');
  const installation = await installationHere(data, deployment, process.env);
  if (installation === undefined) return provisionByEnvironment(region, dryRun);
  return provisionAll(installation, { topology: topologyOptions(process.env), dryRun, only: region }, tell);
}

/** The installation of a deployment file, or of the local stack that runs on a data folder unless the environment names a server. */
async function installationHere(dataDir: string, file: string | undefined, env: NodeJS.ProcessEnv): Promise<Installation | undefined> {
  if (file !== undefined) return (await import('../deployment/deployment-file.ts')).installationIn(file, env);
  if (namesServer(env) || !isRunning(readRunFile(dataPaths(dataDir).run))) return undefined;
  const { localInstallation, storedDeployment } = await import('../stack/local-deployment.ts');
  const stored = storedDeployment(dataDir);
  return stored === undefined ? undefined : localInstallation(stored);
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
