import { setTimeout as sleep } from 'node:timers/promises';
import { keyTtlMs } from '../audit/key-ttl.ts';
import { lineOf, retain } from '../audit/retain.ts';
import { localInstallation, storedDeployment } from './local-deployment.ts';
import { topologyOptions } from './topology-options.ts';

export interface DailyRetentionOptions {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Told one line each time. */
  readonly tell: (line: string) => void;
}

/** Everything else starts first. */
const FIRST_AFTER_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Removes old facts that nothing needs from a running stack, a minute from now and then once a day. Returns how to end that; a removal that is under way then
 * says nothing any more.
 */
export function retainDaily({ dataDir, env, tell }: DailyRetentionOptions): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const once = async (): Promise<void> => {
    const deployment = storedDeployment(dataDir);
    if (deployment === undefined) return;
    const options = { topology: topologyOptions(env), keyTtlMs: keyTtlMs(env), apply: true, nowMs: Date.now() };
    const retained = await retain(localInstallation(deployment), options);
    if (!signal.aborted) tell(lineOf(retained));
  };
  const daily = async (): Promise<void> => {
    for (let afterMs = FIRST_AFTER_MS; ; afterMs = DAY_MS) {
      await sleep(afterMs, undefined, { signal, ref: false });
      await once();
    }
  };
  daily().catch((error: unknown) => {
    if (!signal.aborted) tell(`retention ended: ${String(error)}`);
  });
  return () => ending.abort();
}
