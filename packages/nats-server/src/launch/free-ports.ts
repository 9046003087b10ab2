import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections: one of those may be gone before it is used. */
const FIRST = 10_000;
const LAST = 32_000;
/** Processes that look at the same time look in different places, mostly: what one has found free, another may take before it is used. */
const SLICES = 8;
const SLICE = (LAST - FIRST) / SLICES;
/** What this process was told is never told again, for it may not be used yet. */
const told = new Set<number>();

/** Whether nobody listens there now. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    await once(server.close(), 'close');
    return true;
  } catch {
    return false;
  }
}

function nextCandidate(): number {
  if (told.size > SLICE / 2) told.clear();
  const first = FIRST + (process.pid % SLICES) * SLICE;
  for (;;) {
    const port = randomInt(first, first + SLICE);
    if (!told.has(port)) return port;
  }
}

/** Ports of the loopback address that nobody listens on now, all different. Another program may still take one before it is used. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = nextCandidate();
    told.add(port);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}
