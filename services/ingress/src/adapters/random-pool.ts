import { randomFillSync } from 'node:crypto';

/** Random bytes handed out from a buffer that is filled 400 ids at a time: a call to the system for each id costs more than the id. */
export function randomPool(bytesEach: number): () => Uint8Array {
  const pool = Buffer.alloc(bytesEach * 400);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytesEach;
    return pool.subarray(used - bytesEach, used);
  };
}
