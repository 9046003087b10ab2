import { fileURLToPath } from 'node:url';
import { canaryPort } from './layout.ts';
import type { Supervised } from './supervisor.ts';

/** Where the canary of a stack is: in none of its regions. */
export const CANARY_PLACE = 'outside';
export const CANARY_NAME = 'canary';

interface CanaryOf {
  readonly dataDir: string;
  readonly basePort: number;
  readonly hubNodes: number;
  readonly env: NodeJS.ProcessEnv;
}

const main = fileURLToPath(new URL('../main.js', import.meta.url));

export const canaryUrl = ({ basePort, hubNodes }: Pick<CanaryOf, 'basePort' | 'hubNodes'>): string =>
  `http://127.0.0.1:${canaryPort(basePort, hubNodes)}`;

/** The canary of a local stack as a process to keep running: it watches the stack's own doors, and is its own receiver. */
export function canaryProcess({ env, ...of }: CanaryOf): Supervised {
  const { dataDir, basePort, hubNodes } = of;
  const port = String(canaryPort(basePort, hubNodes));
  return {
    place: CANARY_PLACE,
    name: CANARY_NAME,
    command: process.execPath,
    args: ['--enable-source-maps', main, 'canary', '--data', dataDir, '--port', port, '--receiver-url', canaryUrl(of)],
    env: { ...env, APP_HOST: '127.0.0.1', CANARY_DOORS: '' },
  };
}
