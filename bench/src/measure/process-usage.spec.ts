import { describe, expect, it } from 'vitest';
import { parseStat, usageOf } from './process-usage.ts';

describe('what a process used', () => {
  it('is read past a name with blanks and parentheses', () => {
    const fields = ['S', ...Array.from({ length: 10 }, () => '0'), '150', '50', ...Array.from({ length: 8 }, () => '0'), '1000', '0'];
    expect(parseStat(`42 (a ) (b) ${fields.join(' ')}`)).toEqual({ cpuMs: 2_000, rssBytes: 4_096_000 });
  });

  it('is unknown of a process that does not exist', () => {
    expect(usageOf(2 ** 30)).toBeUndefined();
  });
});
