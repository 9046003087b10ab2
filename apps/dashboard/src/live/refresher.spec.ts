import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Refresher } from './refresher.ts';

const EVERY_MS = 1_000;
const frame = { at: '2026-01-01T00:00:00.000Z', audit: true } as const;

let client: QueryClient;
let refresher: Refresher;
let asked: number;
let answerMs: number;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: false });
  [asked, answerMs] = [0, 10];
  client = new QueryClient();
  refresher = new Refresher(client, EVERY_MS, (kind) => kind === 'audit');
  const queryFn = async (): Promise<number> => {
    asked += 1;
    const askedAtMs = Date.now();
    await new Promise((resolve) => void setTimeout(resolve, answerMs));
    return askedAtMs;
  };
  new QueryObserver(client, { queryKey: ['audit', 'list'], queryFn, staleTime: Infinity }).subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(EVERY_MS);
});
afterEach(() => {
  refresher.stop();
  client.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** When that was asked for which is shown. */
const shownAtMs = (): number => client.getQueryData<number>(['audit', 'list']) ?? 0;

it('asks soon after the first change, and then once a while however much changes', async () => {
  refresher.add(frame);
  await vi.advanceTimersByTimeAsync(200);
  expect(asked).toBe(2);
  for (let round = 0; round < 30; round += 1) {
    refresher.add(frame);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(asked).toBe(5);
});

it('lets slow answers come, and asks again after them for what changed meanwhile', async () => {
  answerMs = EVERY_MS * 3.5;
  const beganMs = Date.now();
  let changedMs = 0;
  for (let round = 0; round < 30; round += 1) {
    refresher.add(frame);
    changedMs = Date.now();
    await vi.advanceTimersByTimeAsync(200);
  }
  expect(shownAtMs()).toBeGreaterThanOrEqual(beganMs);
  await vi.advanceTimersByTimeAsync(EVERY_MS * 8);
  expect(shownAtMs()).toBeGreaterThan(changedMs);
});

it('waits while nobody looks, and then asks at once', async () => {
  vi.stubGlobal('document', { hidden: true });
  refresher.add(frame);
  await vi.advanceTimersByTimeAsync(EVERY_MS * 3);
  expect(asked).toBe(1);
  vi.stubGlobal('document', { hidden: false });
  refresher.flush();
  expect(asked).toBe(2);
});
