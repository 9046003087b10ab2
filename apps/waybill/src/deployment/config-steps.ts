import { HUB } from '@waybill/nats-server';
import type { WrittenServerConfig } from './server-configs.ts';

/** What to do with the files of a deployment, for servers that run nowhere yet and for those that do. */
export function startingSteps(written: readonly WrittenServerConfig[], deploymentFile: string): string[] {
  return [
    'What to do with them:',
    '  1. Give each server its own file, readable for its user only.',
    ...variableLines(written),
    '  2. First start: "nats-server -c <file>" for the nodes of the hub, then for the servers of the regions, in any order.',
    `  3. Make the streams: npx waybill provision --deployment ${deploymentFile}`,
    '  4. Servers that ran before: reload those whose file changed, one at a time (SIGHUP, or "nats-server --signal reload=<pid>"), the hub first.',
    '     A link keeps the permissions it was made with: after a change at the hub make the links anew:',
    `     npx waybill regions relink --deployment ${deploymentFile}`,
    `  5. Look: npx waybill doctor --deployment ${deploymentFile}`,
  ];
}

/** How a region joins servers that run, in this order; each step may be done again. */
export function joiningSteps(written: readonly WrittenServerConfig[], region: string, deploymentFile: string): string[] {
  const changed = written.filter(({ change, place }) => change !== 'unchanged' && place !== region);
  const own = written.filter(({ place }) => place === region);
  const others = [...new Set(written.map(({ place }) => place))].filter((place) => place !== region && place !== HUB);
  return [
    'What to do, in this order; the other regions go on meanwhile:',
    '  1. Give each of these servers its new file, and reload it (SIGHUP, or "nats-server --signal reload=<pid>"), one at a time, the hub first.',
    '     Each says "Reloaded server configuration" in its log; clients and links stay.',
    ...(changed.length === 0 ? ['       none: they have them already, if they were reloaded since'] : list(changed)),
    `  2. Start the servers of ${region}, each with its own file: nats-server -c <file>`,
    ...variableLines(own),
    ...list(own),
    `  3. Make the links of the others anew, for a link keeps the permissions it was made with:`,
    `       npx waybill regions relink --deployment ${deploymentFile} ${others.join(' ')}`,
    '  4. Make and connect the streams; what the others have had until now is copied:',
    `       npx waybill provision --deployment ${deploymentFile}`,
    `  5. Declare ${region} in REGIONS_CONFIG of every process (npx waybill regions lint), and restart the services, region by region, one at a time.`,
    `  6. Start the services of ${region}.`,
    `  7. npx waybill doctor --deployment ${deploymentFile}`,
  ];
}

const list = (some: readonly WrittenServerConfig[]): string[] => some.map(({ file, server }) => `       ${file} at ${server}`);

function variableLines(written: readonly WrittenServerConfig[]): string[] {
  const withVariables = written.filter(({ variables }) => variables.length > 0);
  if (withVariables.length === 0) return [];
  return [
    '     These servers read variables when they start; one with _URL_<SERVER> in its name holds nats://<user>:<password>@<host>:<port> of that server:',
    ...withVariables.map(({ file, variables }) => `       ${file}: ${variables.join(', ')}`),
  ];
}
