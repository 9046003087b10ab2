import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How a command ended, with everything it said. */
export interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** Runs a built command of this repository, such as `bench/dist/main.js`, to its end. Throws when it is not built. */
export async function runBuilt(path: string, args: readonly string[]): Promise<Ended> {
  const main = fileURLToPath(new URL(`../${path}`, import.meta.url));
  if (!existsSync(main)) throw new Error(`${path} is missing: this test runs what was built, so run "npm run build" first`);
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, said: said.join('') };
}
