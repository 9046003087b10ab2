import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { findNatsServer } from '../find.ts';
import { script, temporaryFolder } from '../testing/sandbox.ts';
import { startThrowawayDeployment } from './throwaway-deployment.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('leaves no server running when one of them cannot be started', async () => {
  const { binary } = await findNatsServer();
  const folder = temporaryFolder();
  const pids = join(folder, 'pids');
  const slow = `case "$*" in *europe-west1-1*) exit 3;; *.conf*) echo $$ >> ${pids}; sleep 0.3;; esac; exec ${binary} "$@"`;
  vi.stubEnv('NATS_SERVER_BIN', script(folder, 'nats-server', slow));
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(startThrowawayDeployment({ regions: ['us-central1', 'europe-west1'], hubNodes: 1 })).rejects.toThrow('ended with code 3');
  const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number);
  expect(started.length).toBe(2);
  expect(started.filter(isAlive)).toEqual([]);
});
