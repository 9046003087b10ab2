import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Bus } from '@waybill/transport';
import type { Manifest } from '../backup/manifest.ts';
import type { Restored, RestoreOptions } from '../backup/restore.ts';
import { print, size, table, tell } from '../terminal/print.ts';
import { topologyOptions } from '../stack/topology-options.ts';
import { installationHere, type WhichServers } from './installation-here.ts';
import { dataOption } from './options.ts';

interface RestoreCommandOptions extends WhichServers {
  readonly from: string;
  readonly region?: string;
  readonly dryRun?: boolean;
}

/** `waybill restore`: a region's streams and buckets from files, where there are none. */
export function restoreCommand(program: Command): void {
  program
    .command('restore')
    .description(
      'restore a backup of a region into the data folder of a stack that does not run, or at the empty servers of a deployment file',
    )
    .addOption(dataOption())
    .option('--deployment <file>', 'JSON file that describes all NATS servers: restores there; the services of the region must be stopped')
    .option('--region <id>', 'the region, to be sure: a backup of another one is refused')
    .requiredOption('--from <dir>', 'folder of the backup')
    .option('--dry-run', 'only check the backup and the place, and say what would be done')
    .action(async (options: RestoreCommandOptions) => {
      const { readManifest } = await import('../backup/manifest.ts');
      const folder = resolve(options.from);
      const manifest = readManifest(folder);
      const region = options.region ?? manifest.region;
      tell(`backup of ${manifest.region}, ${manifest.startedAt}, nats-server ${manifest.server.version}`);
      const asked = { folder, manifest, region, dryRun: options.dryRun ?? false, tell };
      const restored = await (options.deployment === undefined ? intoFolder(options.data, asked) : atDeployment(options, asked));
      report(manifest, restored, asked.dryRun);
      if (!asked.dryRun) for (const line of nextSteps(options, manifest)) print(line);
    });
}

type Asked = Omit<RestoreOptions, 'replicas' | 'hasHub'>;

async function intoFolder(dataDir: string, asked: Asked): Promise<Restored> {
  const { withSpareServer } = await import('../backup/spare-server.ts');
  const { storedDeployment } = await import('../stack/local-deployment.ts');
  const hasHub = (storedDeployment(dataDir)?.hub ?? []).length > 0 || asked.manifest.regions.length > 1;
  return withSpareServer(dataDir, asked.manifest.region, (bus) => restoreAt(bus, { ...asked, hasHub, replicas: 1 }));
}

async function atDeployment(servers: WhichServers, asked: Asked): Promise<Restored> {
  const installation = await installationHere(servers);
  if (installation === undefined) throw new Error('name the servers with --deployment');
  const { connectTo } = await import('../deployment/installation.ts');
  const { hub, regions } = installation.deployment;
  const there = regions.find(({ id }) => id === asked.manifest.region);
  if (there === undefined)
    throw new Error(`the deployment has no region ${asked.manifest.region}, only ${regions.map(({ id }) => id).join(', ')}`);
  const replicas = topologyOptions(process.env).replicas ?? (there.servers.length >= 3 ? 3 : 1);
  const bus = await connectTo(installation, { place: there.id, user: 'keeper', onWaiting: tell });
  try {
    return await restoreAt(bus, { ...asked, hasHub: hub.length > 0, replicas });
  } finally {
    await bus.close();
  }
}

async function restoreAt(bus: Bus, options: RestoreOptions): Promise<Restored> {
  const { restore } = await import('../backup/restore.ts');
  return restore(bus, options);
}

function report({ streams: all }: Manifest, { streams, armed }: Restored, dryRun: boolean): void {
  const rows = all.map(({ name, messages, bytes }) => {
    const action = streams.find(({ stream }) => stream.name === name)?.action ?? 'left to the hub';
    return [action, name, `${messages} messages`, size(bytes)];
  });
  for (const line of table(rows)) print(line);
  print(
    dryRun ? 'nothing was changed' : `restored; ${armed} deliveries without an end were given a schedule, due now or when their retry is`,
  );
}

function nextSteps({ data, deployment }: RestoreCommandOptions, { regions }: Manifest): string[] {
  if (deployment === undefined)
    return ['', 'Next:', `  npm start -- --data ${data} --regions ${regions.join(',')}`, `  npx waybill audit --data ${data}`];
  return [
    '',
    'Next, before any service of the region is started:',
    `  npx waybill provision --deployment ${deployment}`,
    'Then start the projector with an empty database, the planner, the dispatcher and the ingress, and:',
    `  npx waybill audit --deployment ${deployment}`,
  ];
}
