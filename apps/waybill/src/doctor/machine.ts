import { statfsSync } from 'node:fs';
import { findNatsServer } from '@waybill/nats-server';
import { attempt, type Finding, fine } from './finding.ts';

const LEAST_FREE_BYTES = 1024 ** 3;

/** Whether this machine has what Waybill runs on. */
export async function machineFindings(): Promise<Finding[]> {
  const found = attempt('nats-server', 'see the ways named above', async () => {
    const { version, way, binary } = await findNatsServer();
    return fine('nats-server', `${version} (${way}, ${binary})`);
  });
  return [nodeFinding(), await found];
}

function nodeFinding(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= 24;
  return { what: 'node', ok, detail: process.version, remedy: 'run "npm ci"; its scripts bring Node 24' };
}

/** Whether the data folder has room. */
export function diskFinding(dataDir: string): Finding {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${dataDir}`;
  return { what: 'disk', ok: free >= LEAST_FREE_BYTES, detail, remedy: 'make room: a full log answers 503' };
}
