import { describe, expect, it } from 'vitest';
import { keyTtlMs } from './key-ttl.ts';
import { keptAtLeast } from './retain.ts';

const DAY_MS = 86_400_000;

describe('the time that idempotency keys count', () => {
  it.each([
    [{}, DAY_MS],
    [{ IDEMPOTENCY_TTL_SECONDS: '60' }, 60_000],
  ])('%j', (env, ms) => {
    expect(keyTtlMs(env)).toBe(ms);
  });

  it('is never guessed', () => {
    expect(() => keyTtlMs({ IDEMPOTENCY_TTL_SECONDS: 'a day' })).toThrow(expect.objectContaining({ code: 'WB_CONFIG_INVALID' }));
  });

  it('is how long events are kept at least: a repeat is answered with the event of then', () => {
    const kept = { ended: 14 * DAY_MS, deadLetters: 30 * DAY_MS };
    expect(keptAtLeast(kept, DAY_MS)).toEqual(kept);
    expect(keptAtLeast(kept, 30 * DAY_MS).ended).toBeGreaterThan(30 * DAY_MS);
  });
});
