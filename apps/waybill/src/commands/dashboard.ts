import { type Command, Option } from 'commander';
import { apiOf } from '../client/api.ts';
import { sessionLink } from '../client/session-link.ts';
import { print, tell } from '../terminal/print.ts';
import { dataOption, regionOption } from './options.ts';

interface DashboardOptions {
  readonly data: string;
  readonly region?: string;
  readonly role?: string;
  readonly name?: string;
}

const ROLES = ['viewer', 'operator', 'admin'];

/** `waybill dashboard`: a way in for a person with a browser. */
export function dashboardCommand(program: Command): void {
  program
    .command('dashboard')
    .description(
      'print a link that signs somebody in at the dashboard: once, within ten minutes. At WAYBILL_URL, or the running local stack',
    )
    .addOption(dataOption())
    .addOption(regionOption())
    .addOption(new Option('--role <role>', 'what they may do; default: admin').choices(ROLES))
    .option('--name <name>', 'how the audit calls them')
    .action(async ({ data, region, role, name }: DashboardOptions) => {
      const holder = { ...(role === undefined ? {} : { role }), ...(name === undefined ? {} : { name }) };
      const { url, expiresAt } = await sessionLink(apiOf(data, process.env, region), holder);
      print(url);
      tell(`works once, until ${new Date(expiresAt).toLocaleTimeString()}; whoever has it is signed in`);
    });
}
