import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { benchResult } from './testing/bench-result.ts';
import { isSound } from './result.ts';
import { parseResult, resultTable, withTable } from './table.ts';

const folder = new URL('../results/', import.meta.url);
const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
const committed = files.map((file) => parseResult(file, readFileSync(new URL(file, folder), 'utf8')));

describe('the table of results', () => {
  it('says what the result files say', () => {
    expect(withTable(page, resultTable(committed))).toBe(page);
  });

  it('holds only runs that lost nothing', () => {
    expect(committed.filter((result) => !isSound(result)).map(({ name }) => name)).toEqual([]);
  });

  it('shows a result in one row, after the machine', () => {
    const [machine, , , , row, ...rest] = resultTable([benchResult()]).split('\n');
    expect(machine).toContain('2 cores of Some CPU');
    expect(row).toContain('| smoke, 2026-01-02 | abc | 100 | 500 | 2, 2 | 10% | 100 | 200 |');
    expect(rest).toEqual([]);
  });

  it('lists the oldest first', () => {
    const dates = ['2026-02-01T00:00:00Z', '2026-01-01T00:00:00Z'].map((date) => benchResult({ date, name: date.slice(0, 7) }));
    expect(
      resultTable(dates)
        .split('\n')
        .slice(-2)
        .map((row) => row.slice(2, 9)),
    ).toEqual(['2026-01', '2026-02']);
  });

  it('refuses a file that is no result, by name', () => {
    expect(() => parseResult('x.json', '{}')).toThrow(/x\.json is no result/);
  });
});
