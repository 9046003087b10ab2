import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeVersion } from './gate.ts';

const schema = { version: 3, minCompatible: 2 };

describe('the version gate', () => {
  it.each([
    [3, 2, 'accept'],
    [2, 1, 'accept'],
    [1, 1, 'drop_incompatible'],
    [4, 3, 'accept'],
    [4, 4, 'reader_too_old'],
    [1, 9, 'reader_too_old'],
  ])('judges version %i that asks for at least %i: %s', (version, minCompatible, verdict) => {
    expect(judgeVersion({ version, minCompatible }, schema)).toBe(verdict);
  });

  it('never drops an event that a newer reader could read', () => {
    const versions = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(versions, versions, versions, versions, (version, asks, mine, oldest) => {
        const verdict = judgeVersion({ version, minCompatible: asks }, { version: mine, minCompatible: oldest });
        if (asks > mine) expect(verdict).toBe('reader_too_old');
        else expect(verdict).toBe(version >= oldest ? 'accept' : 'drop_incompatible');
      }),
    );
  });
});
