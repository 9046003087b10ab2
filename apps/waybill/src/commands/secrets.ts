import type { Command } from 'commander';
import { print } from '../terminal/print.ts';

/** `waybill secrets`: makes the passwords of a deployment and keeps them in a file of variables. */
export function secretsCommand(program: Command): void {
  program
    .command('secrets')
    .description(
      'make the passwords that a deployment takes from variables, the admin key, the key that regions share and the database password; what is there stays',
    )
    .requiredOption('--deployment <file>', 'JSON file that describes all NATS servers and where their passwords are')
    .requiredOption('--out <file>', 'file of variables (.env) to complete; only its owner may read it afterwards')
    .action(async ({ deployment, out }: { deployment: string; out: string }) => {
      const { readDeployment } = await import('../deployment/deployment-file.ts');
      const { writeSecrets } = await import('../deployment/secrets.ts');
      const { made, kept, differing } = writeSecrets(readDeployment(deployment), out);
      print(`${out}: ${made.length} variables made, ${kept.length} were there and stay`);
      for (const name of differing)
        print(`  ${name} is not the address that the deployment file gives: remove the line to have it made anew`);
      for (const line of nextSteps(deployment, out)) print(line);
    });
}

const nextSteps = (deployment: string, out: string): string[] => [
  '',
  'What to do with it:',
  '  - Keep it out of version control, and keep it: running servers know these passwords.',
  '  - With the docker-compose.yml of this repository:  docker compose up -d',
  `  - Elsewhere hand each server and service its own variables; "npx waybill nats-config --deployment ${deployment} --out <dir>" lists the servers'.`,
  `  - The admin key of the API is MANAGEMENT_API_KEY:  grep MANAGEMENT_API_KEY ${out}`,
];
