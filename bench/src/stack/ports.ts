import { createServer } from 'node:net';

const LOWEST = 20_000;
const HIGHEST = 32_000;

/** The first of `size` consecutive ports of loopback that nobody listens on, below the range that systems hand out by themselves. */
export async function freePortBlock(size: number): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const first = LOWEST + Math.floor((Math.random() * (HIGHEST - LOWEST)) / size) * size;
    const free = await Promise.all(Array.from({ length: size }, (_, offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`found no ${size} free ports in a row between ${LOWEST} and ${HIGHEST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
