import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { owedTo, subscribedTypes } from './wiring.ts';

describe('who is owed what', () => {
  it('spreads events over the endpoints', () => {
    expect([0, 1, 2].map((type) => owedTo(type, { endpoints: 3, fanOut: 2 }))).toEqual([
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
  });

  it('is what the endpoints subscribe to, for any number of them', () => {
    const sizes = fc
      .integer({ min: 1, max: 20 })
      .chain((endpoints) => fc.record({ endpoints: fc.constant(endpoints), fanOut: fc.integer({ min: 1, max: endpoints }) }));
    fc.assert(
      fc.property(sizes, (size) => {
        for (let type = 0; type < size.endpoints; type += 1) {
          const subscribed = Array.from({ length: size.endpoints }, (_, n) => n).filter((n) => subscribedTypes(n, size).includes(type));
          expect(subscribed).toEqual(owedTo(type, size).toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
