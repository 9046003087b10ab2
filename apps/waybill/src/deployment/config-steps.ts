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
    '     A link keeps the permissions it was made with: after a change at the hub restart the servers of the regions, one at a time.',
    `  5. Look: npx waybill doctor --deployment ${deploymentFile}`,
  ];
}

function variableLines(written: readonly WrittenServerConfig[]): string[] {
  const withVariables = written.filter(({ variables }) => variables.length > 0);
  if (withVariables.length === 0) return [];
  return [
    '     These servers read variables when they start; one with _URL_<SERVER> in its name holds nats://<user>:<password>@<host>:<port> of that server:',
    ...withVariables.map(({ file, variables }) => `       ${file}: ${variables.join(', ')}`),
  ];
}
