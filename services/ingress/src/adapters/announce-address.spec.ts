import { createLogger } from '@waybill/runtime';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { announceAddress } from './announce-address.ts';

const logger = createLogger({ service: 'test', region: 'us', level: 'silent' });
let known: string | undefined;
let isAway: boolean;
let tries: number;

const announce = (): (() => void) =>
  announceAddress({
    region: 'us',
    url: 'https://us.test',
    view: { regionUrl: () => known },
    writer: {
      put: async (_kind, _path, record) => {
        tries += 1;
        if (isAway) throw new Error('away');
        known = 'url' in record && typeof record.url === 'string' ? record.url : undefined;
        return 1;
      },
    },
    logger,
    nowMs: () => 0,
  });

beforeEach(() => {
  vi.useFakeTimers();
  known = undefined;
  isAway = false;
  tries = 0;
});
afterEach(() => vi.useRealTimers());

it('tries until it is written, then stops', async () => {
  isAway = true;
  announce();
  await vi.advanceTimersByTimeAsync(3_000);
  expect([known, tries]).toEqual([undefined, 4]);
  isAway = false;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([known, tries]).toEqual(['https://us.test', 5]);
});

it('writes nothing while the address is the one that stands there', async () => {
  known = 'https://us.test';
  announce();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(tries).toBe(0);
});

it('stops when it is told to', async () => {
  isAway = true;
  const stop = announce();
  await vi.advanceTimersByTimeAsync(0);
  stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tries).toBe(1);
});
