import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer } from '../find.ts';
import { launchNats, type RunningNats } from './launch.ts';
import type { ServerSettings } from './server-config.ts';

/** A nats-server in a temporary folder, made to be killed and brought back. */
export interface ThrowawayNats {
  readonly url: string;
  /** Of the process that runs now; another one after `restart`. */
  readonly pid: number;
  readonly storeDir: string;
  /** SIGTERM; the folder stays until `cleanup`. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder, after `stop` or `kill`. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  cleanup(): Promise<void>;
}

/** Starts a server on a free port, found as users find it. For tests, benches and drills. */
export async function startThrowawayNats(settings: Partial<ServerSettings> = {}): Promise<ThrowawayNats> {
  const { binary } = await findNatsServer();
  const folder = await mkdtemp(join(tmpdir(), 'waybill-nats-'));
  const launch = (port: number): Promise<RunningNats> =>
    launchNats({ binary, folder, config: { serverName: 'throwaway', domain: 'local', ...settings, port } });
  let running = await launch(0);
  const { url, port, storeDir } = running;
  return {
    url,
    storeDir,
    get pid() {
      return running.pid;
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    restart: async () => {
      running = await launch(port);
    },
    cleanup: async () => {
      await running.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
