import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { gamedayPage } from './gameday-page.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

describe('the GameDay page', () => {
  it('has the results that are recorded (npm run docs)', () => {
    expect(read('docs/runbooks/gameday.md')).toBe(gamedayPage(root));
  });

  it('names exactly the drills of each calendar', () => {
    const calendar = read('drills/src/gameday.ts').match(/CALENDAR = \{([^}]+)\}/)?.[1] ?? '';
    const rows = [...calendar.matchAll(/(\w+): \[([^\]]+)\]/g)].map(([, name = '', drills = '']) => [
      name,
      [...drills.matchAll(/'([\w-]+)'/g)].map(([, drill]) => drill),
    ]);
    expect(rows.length).toBe(3);
    const page = read('docs/runbooks/gameday.md');
    for (const [name, drills] of rows) {
      const row = page.split('\n').find((line) => line.startsWith(`| ${String(name)} |`)) ?? '';
      expect([...row.matchAll(/`([\w-]+)`/g)].map(([, drill]) => drill)).toEqual(drills);
    }
  });
});
