import type { DeliveryId } from '@waybill/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LaneIndex } from './lane-index.ts';

const idOf = (n: number): DeliveryId => `dlv_${n}` as DeliveryId;

it('keeps each lane in order, whatever comes and goes', () => {
  const step = fc.record({ n: fc.nat(60), lane: fc.constantFrom('a', 'b'), isAdded: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const index = new LaneIndex();
      const known = new Map<number, string>();
      for (const { n, lane, isAdded } of steps) {
        if (isAdded) {
          index.add({ deliveryId: idOf(n), lane, seq: n >> 1 });
          if (!known.has(n)) known.set(n, lane);
        } else {
          expect(index.remove(idOf(n))).toBe(known.get(n));
          known.delete(n);
        }
      }
      for (const lane of ['a', 'b']) {
        const there = index.firstOf(lane, 200).map((id) => Number(id.slice(4)));
        expect(there.map((n) => n >> 1)).toEqual(there.map((n) => n >> 1).toSorted((one, other) => one - other));
        expect(new Set(there)).toEqual(new Set([...known].flatMap(([n, of]) => (of === lane ? [n] : []))));
      }
      expect(index.size).toBe(known.size);
    }),
  );
});

it('takes a hundred thousand of one lane in any order', () => {
  const index = new LaneIndex();
  for (let n = 0; n < 100_000; n += 1) index.add({ deliveryId: idOf(n), lane: 'a', seq: (n * 7_919) % 100_003 });
  expect(index.firstOf('a', 1)).toEqual([idOf(0)]);
  for (let n = 0; n < 1_000; n += 1) index.remove(index.firstOf('a', 1)[0] ?? idOf(0));
  expect(index.size).toBe(99_000);
});
