import { resolve } from 'node:path';
import type { Command } from 'commander';
import { print, size, tell } from '../terminal/print.ts';
import { installationHere, type WhichServers } from './installation-here.ts';
import { dataOption } from './options.ts';

interface BackupOptions extends WhichServers {
  readonly to: string;
  readonly region?: string;
}

/** `waybill backup`: a region's streams and buckets as files. */
export function backupCommand(program: Command): void {
  program
    .command('backup')
    .description('write the streams and buckets of a region into a folder, while everything goes on')
    .addOption(dataOption())
    .option('--deployment <file>', 'JSON file that describes all NATS servers: backs up a region of it instead of the local stack')
    .option('--region <id>', 'the region; may be left out where there is one')
    .requiredOption('--to <dir>', 'folder to write to; must be new or empty. It will hold secrets: keep it safe')
    .action(async (options: BackupOptions) => {
      const installation = await installationHere(options);
      if (installation === undefined) throw new Error('name the servers with --deployment, or start the local stack first');
      const regions = installation.deployment.regions.map(({ id }) => id);
      const hasHub = installation.deployment.hub.length > 0;
      const region = chosenRegion(regions, options.region);
      const [{ backUp }, { connectTo }] = [await import('../backup/back-up.ts'), await import('../deployment/installation.ts')];
      const bus = await connectTo(installation, { place: region, user: 'keeper', onWaiting: tell });
      try {
        const manifest = await backUp(bus, { region, regions, hasHub, folder: resolve(options.to), tell });
        const bytes = manifest.streams.reduce((sum, stream) => sum + stream.bytes, 0);
        print(`${region}: ${manifest.streams.length} streams, ${size(bytes)}, in ${resolve(options.to)}`);
        for (const what of manifest.leftOut) print(`  not in it: ${what}`);
        print(
          `Restore it with:  npx waybill restore --from ${resolve(options.to)} --data <new folder>   (docs/runbooks/backup-and-restore.md)`,
        );
      } finally {
        await bus.close();
      }
    });
}

/** The region that is asked for, or the only one. Throws with the regions that there are. */
export function chosenRegion(regions: readonly string[], asked: string | undefined): string {
  const [only, ...more] = regions;
  if (asked === undefined && only !== undefined && more.length === 0) return only;
  if (asked !== undefined && regions.includes(asked)) return asked;
  throw new Error(
    `${asked === undefined ? 'which region?' : `there is no region "${asked}".`} Name one with --region: ${regions.join(', ')}`,
  );
}
