import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY } from '@waybill/bench';

const CLI = join(REPOSITORY, 'apps/waybill/dist/main.js');

/** How a command ended; `code` is null when it was killed. */
export interface CliEnded {
  readonly code: number | null;
  readonly said: string;
}

/** Runs a command of the product, and kills it with SIGKILL as soon as what it said until then is as `killWhen` wants it. */
export async function runCli(args: readonly string[], killWhen: (said: string) => boolean = () => false): Promise<CliEnded> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (killWhen(said)) child.kill('SIGKILL');
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, said };
}
