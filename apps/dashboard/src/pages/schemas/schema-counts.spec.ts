import { describe, expect, it } from 'vitest';
import { compatibilityText, rowsOf, type SchemaCount, trialOf } from './schema-counts.ts';

const count = (eventType: string, version: number, verdict: SchemaCount['verdict'], value: number): SchemaCount => ({
  eventType,
  version,
  verdict,
  count: value,
});

describe('counts by version', () => {
  it('are rows: all types first, newer versions first', () => {
    const rows = rowsOf([
      count('order.paid', 2, 'accepted', 5),
      count('', 2, 'accepted', 7),
      count('order.paid', 3, 'accepted', 1),
      count('order.paid', 2, 'poison', 1),
    ]);
    expect(rows).toEqual([
      { eventType: '', version: 2, counts: { accepted: 7 } },
      { eventType: 'order.paid', version: 3, counts: { accepted: 1 } },
      { eventType: 'order.paid', version: 2, counts: { accepted: 5, poison: 1 } },
    ]);
  });

  it.each([
    [[], '–'],
    [[count('', 3, 'accepted', 10)], '100 %'],
    [[count('', 3, 'accepted', 999_999), count('', 1, 'drop_incompatible', 1)], '99.999 %'],
    [[count('', 3, 'accepted', 3), count('', 3, 'poison', 1)], '75 %'],
    [[count('', 1, 'reader_too_old', 2)], '0 %'],
  ] satisfies [SchemaCount[], string][])('%# are a compatibility of %s', (counts, text) => {
    expect(compatibilityText(rowsOf(counts))).toBe(text);
  });

  it('say what a higher version would refuse, by type', () => {
    const { tried, types } = trialOf([
      { eventType: 'b', minCompatible: 3, refused: 2 },
      { eventType: '', minCompatible: 2, refused: 0 },
      { eventType: '', minCompatible: 3, refused: 4 },
    ]);
    expect(tried).toEqual([2, 3]);
    expect(types.map(({ eventType, refused }) => [eventType, Object.fromEntries(refused)])).toEqual([
      ['', { 2: 0, 3: 4 }],
      ['b', { 3: 2 }],
    ]);
  });
});
