import { createLogger } from '@waybill/runtime';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { announceAddress } from './announce-address.ts';

const logger = createLogger({ service: 'test', region: 'us', level: 'silent' });
let known: string | undefined;
let knownInside: string | undefined;
let isAway: boolean;
let tries: number;

const announce = (internalUrl = 'https://us.test'): (() => void) =>
  announceAddress({
    region: 'us',
    url: 'https://us.test',
    internalUrl,
    view: { regionUrl: () => known, internalUrl: () => knownInside ?? known },
    writer: {
      put: async (_kind, _path, record) => {
        tries += 1;
        if (isAway) throw new Error('away');
        knownInside = 'internalUrl' in record && typeof record.internalUrl === 'string' ? record.internalUrl : undefined;
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
  knownInside = undefined;
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

it('writes where the other regions reach it when that changes, and when it does not differ any more', async () => {
  known = 'https://us.test';
  announce('http://inside.test')();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([known, knownInside, tries]).toEqual(['https://us.test', 'http://inside.test', 1]);
  announce()();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([known, knownInside, tries]).toEqual(['https://us.test', undefined, 2]);
});

it('stops when it is told to', async () => {
  isAway = true;
  const stop = announce();
  await vi.advanceTimersByTimeAsync(0);
  stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tries).toBe(1);
});
