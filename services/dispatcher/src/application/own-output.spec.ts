import type { DeliveryId } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { OwnOutput, type ReadOwnFacts } from './own-output.ts';

const id = (name: string | number) => `dlv_${name}` as DeliveryId;
const delivered = { attempt: 1, next: { kind: 'delivered' } } as const;
const retried = (attempt: number) => ({ attempt, next: { kind: 'retry', at: '2026-11-21T10:00:00.000Z' } }) as const;

describe('the memory of own output', () => {
  it('keeps the newest attempt of a delivery', () => {
    const own = new OwnOutput();
    own.remember(id(1), retried(2));
    own.remember(id(1), retried(1));
    expect(own.of(id(1))?.attempt).toBe(2);
  });

  it('is bounded, the oldest go first', () => {
    const own = new OwnOutput(3);
    for (let n = 0; n < 10; n += 1) own.remember(id(n), delivered);
    expect(own.size).toBe(3);
    expect(own.of(id(6))).toBeUndefined();
    expect(own.of(id(7))).toBe(delivered);
  });

  it('makes work wait until what was read is in memory', async () => {
    const own = new OwnOutput();
    const reading = Promise.withResolvers<void>();
    const recovering = own.recover(async (visit) => {
      await reading.promise;
      visit(id(1), delivered);
      return 0;
    });
    const seen = own.ready().then(() => own.of(id(1)));
    reading.resolve();
    expect(await seen).toBe(delivered);
    await recovering;
  });

  it('keeps all that was read, even beyond its usual size', async () => {
    const own = new OwnOutput(2);
    await own.recover(async (visit) => {
      for (const n of [1, 2, 3, 4]) visit(id(n), delivered);
      return 0;
    });
    own.remember(id(5), delivered);
    expect([1, 2, 5].map((n) => own.of(id(n)) !== undefined)).toEqual([false, true, true]);
  });

  it('says when it could not read, and can try again', async () => {
    const own = new OwnOutput();
    await expect(own.recover(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    await expect(own.ready()).rejects.toThrow('away');
    await own.recover(async () => 0);
    await expect(own.ready()).resolves.toBeUndefined();
  });

  it('reads further back, once, for a schedule that is older than what was read', async () => {
    const own = new OwnOutput();
    const readings: (number | undefined)[] = [];
    const read: ReadOwnFacts = async (visit, sinceMs) => {
      readings.push(sinceMs);
      if (sinceMs !== undefined) visit(id(1), delivered);
      return sinceMs ?? 100_000;
    };
    await own.recover(read);
    await own.cover(read, 200_000);
    expect(own.of(id(1))).toBeUndefined();
    await Promise.all([own.cover(read, 60_000), own.cover(read, 60_000), own.cover(read, 70_000)]);
    expect(own.of(id(1))).toBe(delivered);
    expect(readings).toEqual([undefined, 55_000]);
  });
});
