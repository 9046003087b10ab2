import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4_096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** So many random bytes as hex digits, never all zero. They come out of a pool: a call to the system for each costs more than the rest of a span's place. */
export function randomHex(bytes: 8 | 16): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  const hex = pool.toString('hex', used - bytes, used);
  return /[^0]/.test(hex) ? hex : randomHex(bytes);
}
