import type { Command } from 'commander';
import { tell } from '../terminal/print.ts';
import { installationHere, type WhichServers } from './installation-here.ts';
import { dataOption } from './options.ts';

/** `waybill regions relink`: makes links to the hub anew, so that they have the permissions of now. */
export function addRegionsRelink(parent: Command): void {
  parent
    .command('relink')
    .description('make the links of regions to the hub anew, one at a time: a link keeps the permissions it was made with')
    .argument('[regions...]', 'ids; default: all')
    .addOption(dataOption())
    .option('--deployment <file>', 'JSON file that describes all NATS servers; default: the running local stack')
    .action((regions: string[], options: WhichServers) => relink(regions, options));
}

async function relink(asked: readonly string[], servers: WhichServers): Promise<void> {
  const installation = await installationHere(servers);
  if (installation === undefined || installation.deployment.hub.length === 0) throw new Error('there is no hub here: nothing is linked');
  const ids = installation.deployment.regions.map(({ id }) => id);
  const unknown = asked.filter((id) => !ids.includes(id));
  if (unknown.length > 0) throw new Error(`there is no region ${unknown.join(', ')}; there are ${ids.join(', ')}`);
  const { renewLinks } = await import('../deployment/hub-links.ts');
  for (const id of asked.length === 0 ? ids : asked) {
    const renewed = await renewLinks(installation, id, new AbortController().signal);
    tell(renewed.length === 0 ? `${id} has no link; nothing to do` : `${renewed.join(', ')}: linked anew`);
  }
}
