import type { Command } from 'commander';
import { runningStack } from '../client/api.ts';
import { attempt, type Finding, fine, linesOf } from '../doctor/finding.ts';
import { diskFinding, machineFindings } from '../doctor/machine.ts';
import { processFindings } from '../doctor/processes.ts';
import type { RunState } from '../stack/run-file.ts';
import { topologyOptions } from '../stack/topology-options.ts';
import { print } from '../terminal/print.ts';
import { installationHere, type WhichServers } from './installation-here.ts';
import { dataOption } from './options.ts';

/** `waybill doctor`: looks at everything that running regions depend on, and says what to do about what is wrong. */
export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check the machine and the running stack, or all servers of a deployment file; exit code 1 when something is wrong')
    .addOption(dataOption())
    .option('--deployment <file>', 'JSON file that describes all NATS servers: checks these instead of a local stack')
    .action(async (options: WhichServers) => {
      const findings = options.deployment === undefined ? await examineStack(options.data) : await examineHere(options);
      for (const finding of findings) for (const line of linesOf(finding)) print(line);
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

async function examineStack(data: string): Promise<Finding[]> {
  const machine = await machineFindings();
  const found: { state?: RunState } = {};
  const stack = await attempt('stack', 'start it with "npm start"', async () => {
    found.state = runningStack(data);
    return fine('stack', `pid ${found.state.pid}, ${found.state.regions.map(({ id }) => id).join(', ')}`);
  });
  if (found.state === undefined) return [...machine, stack];
  const [processes, servers] = [await processFindings(data, found.state), await examineHere({ data }, found.state)];
  return [...machine, stack, diskFinding(data), ...processes, ...servers];
}

/** Asks the servers. They may run elsewhere: what this machine has says nothing about them. */
async function examineHere(servers: WhichServers, state?: RunState): Promise<Finding[]> {
  const { examineServers } = await import('../doctor/examine-servers.ts');
  const { viewFindings } = await import('../doctor/views.ts');
  const installation = await installationHere(servers);
  if (installation === undefined) return [];
  const { findings, watched } = await examineServers(installation, topologyOptions(process.env));
  return [...findings, ...(state === undefined ? [] : await viewFindings(state, watched))];
}
