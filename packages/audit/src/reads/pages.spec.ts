import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readPages } from './pages.ts';

const rowSchema = z.object({ id: z.string() });
const PAGES: Record<string, unknown> = {
  '/v1/deliveries?limit=250': { data: [{ id: 'd3' }, { id: 'd2' }], done: false, iterator: '+d2' },
  '/v1/deliveries?limit=250&iterator=%2Bd2': { data: [{ id: 'd1' }], done: true, iterator: '+d1' },
  '/v1/dead-letters?state=open&limit=250': { data: [], done: true, iterator: null },
};
const get = (path: string): Promise<unknown> => Promise.resolve(PAGES[path]);

async function read(path: string, isWanted: (id: string) => boolean = () => true): Promise<string[]> {
  const ids: string[] = [];
  await readPages(get, path, rowSchema, ({ id }) => {
    ids.push(id);
    return isWanted(id);
  });
  return ids;
}

describe('a list that is read page by page', () => {
  it('is read whole', async () => {
    expect(await read('/v1/deliveries')).toEqual(['d3', 'd2', 'd1']);
    expect(await read('/v1/dead-letters?state=open')).toEqual([]);
  });

  it('is read no further than wanted', async () => {
    expect(await read('/v1/deliveries', (id) => id !== 'd3')).toEqual(['d3']);
  });

  it('is refused when it is none', async () => {
    await expect(read('/v1/other')).rejects.toThrow(z.ZodError);
  });
});
