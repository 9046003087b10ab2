import { describe, expect, it } from 'vitest';
import { type BatchWork, watched } from './watch-batches.ts';

const message = (seq: number, trace?: { traceId: string; spanId: string }) => ({
  subject: 'wb.us.g.event.accepted',
  body: new Uint8Array(),
  stream: 'LOG_US',
  seq,
  timestampMs: 0,
  trace,
});
const place = { traceId: '1'.repeat(32), spanId: '2'.repeat(16) };

function watching(handle: () => Promise<void>, takesMs = 3) {
  const told: BatchWork[] = [];
  let nowMs = 0;
  const watch = { nowMs: () => (nowMs += takesMs), tell: (work: BatchWork) => void told.push(work) };
  return { told, take: watched(handle, watch) };
}

describe('watching batches', () => {
  it('tells of recorded messages after the batch is handled', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { told, take } = watching(() => promise);
    const taking = take([message(1), message(2, place), message(3)]);
    expect(told).toEqual([]);
    resolve();
    await taking;
    const traced = [{ subject: 'wb.us.g.event.accepted', seq: 2, place }];
    expect(told).toEqual([{ stream: 'LOG_US', messages: 3, seq: 3, startMs: 3, endMs: 6, traced }]);
  });

  it('tells of no more messages than a span keeps links', async () => {
    const { told, take } = watching(async () => undefined);
    await take(Array.from({ length: 500 }, (_, n) => message(n, place)));
    expect([told[0]?.messages, told[0]?.traced.length]).toEqual([500, 128]);
  });

  it('tells of no message that was stored long ago, as one that is read again for a new store', async () => {
    const { told, take } = watching(async () => undefined, 500_000);
    await take([message(1, place), { ...message(2, place), timestampMs: 499_000 }]);
    await take([message(3, place)]);
    expect(told.map(({ traced }) => traced.map(({ seq }) => seq))).toEqual([[1, 2], []]);
  });

  it('says nothing of what went as it should, unless it was slow', async () => {
    const usual = watching(async () => undefined);
    await usual.take([message(1)]);
    expect(usual.told).toEqual([]);
    const slow = watching(async () => undefined, 1_500);
    await slow.take([message(1)]);
    expect(slow.told).toHaveLength(1);
  });

  it('tells of a failure in one word, and throws it on', async () => {
    const failure = Object.assign(new Error("no room for 'secret'"), { code: 'SQLITE_FULL' });
    const { told, take } = watching(() => Promise.reject(failure));
    await expect(take([message(1)])).rejects.toBe(failure);
    expect(told).toMatchObject([{ failed: 'SQLITE_FULL', messages: 1 }]);
  });
});
