import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fingerprints } from './fingerprints.ts';

describe('a table of fingerprints', () => {
  it('answers as a map does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.nat())), (pairs) => {
        const [table, map] = [new Fingerprints(), new Map<string, number>()];
        for (const [id, value] of pairs) {
          table.set(id, value);
          map.set(id, value);
        }
        expect(table.size).toBe(map.size);
        for (const [id, value] of map) expect(table.get(id)).toBe(value);
      }),
    );
  });

  it('tells ids apart that differ in one character, while it grows, in at most 34 bytes each', () => {
    const table = new Fingerprints();
    const count = 200_000;
    for (let n = 0; n < count; n += 1) table.set(`dlv_01jd0000000000000000${n}`, n);
    expect(table.size).toBe(count);
    expect(table.get('dlv_01jd0000000000000000777')).toBe(777);
    expect(table.get('dlv_01jd00000000000000002000000')).toBeUndefined();
    expect(table.bytes / count).toBeLessThan(35);
  });
});
