import type { Command } from 'commander';
import { print, table } from '../terminal/print.ts';

/** `waybill nats-config`: writes the configuration of every nats-server of a deployment. */
export function natsConfigCommand(program: Command): void {
  program
    .command('nats-config')
    .description('write the configuration files of all nats-servers of a deployment: the hub, the regions, their users')
    .requiredOption('--deployment <file>', 'JSON file that describes all NATS servers and where their passwords are')
    .requiredOption('--out <dir>', 'folder to write to; files that are there already are replaced')
    .action(async ({ deployment, out }: { deployment: string; out: string }) => {
      const { readDeployment } = await import('../deployment/deployment-file.ts');
      const { writeServerConfigs } = await import('../deployment/server-configs.ts');
      const { startingSteps } = await import('../deployment/config-steps.ts');
      const written = writeServerConfigs(readDeployment(deployment), out);
      for (const line of table(written.map(({ file, place, server, change }) => [change, file, place, server]))) print(line);
      for (const line of ['', ...startingSteps(written, deployment)]) print(line);
    });
}
