import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { forbiddenSql } from '../../testing/forbidden-sql.ts';

const SOURCES = fileURLToPath(new URL('../..', import.meta.url));

async function sources(): Promise<string[]> {
  const files = await readdir(SOURCES, { recursive: true });
  return files.filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.startsWith('testing'));
}

describe('reads never aggregate', () => {
  it('finds none of the forbidden words in any source of the projector', async () => {
    const files = await sources();
    expect(files).toContain(join('adapters', 'queries', 'list.ts'));
    for (const file of files) expect(forbiddenSql(await readFile(join(SOURCES, file), 'utf8')), file).toEqual([]);
  });

  it.each([
    'select count(*) from event',
    'select COUNT(id) from event',
    'select sum(value) from total',
    'select avg(duration_ms) from attempt',
    'select state from event group by state',
    'select distinct state from event',
    'select * from event limit 50 offset ?',
    'select row_number() over (order by id) from event',
    "db.selectFrom('event').groupBy('state')",
    'db.selectFrom(table).offset(50)',
    "db.selectFrom('event').select(({ fn }) => fn.countAll())",
    "db.selectFrom('event').distinct()",
  ])('would find %s', (text) => {
    expect(forbiddenSql(`const query = sql\`${text}\`;`)).not.toEqual([]);
  });
});
