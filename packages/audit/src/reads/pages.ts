import { z } from 'zod';

/** Asks a region's API for a path with a management key; resolves with the parsed answer. */
export type Get = (path: string) => Promise<unknown>;

const pageSchema = z.object({ data: z.array(z.unknown()), done: z.boolean(), iterator: z.string().nullable() });

const PAGE = 250;

/** Reads a list page by page, newest first, until `visit` says that it has seen enough by returning false. */
export async function readPages<Row>(get: Get, path: string, rowSchema: z.ZodType<Row>, visit: (row: Row) => boolean): Promise<void> {
  const rows = z.array(rowSchema);
  const start = `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE}`;
  for (let iterator: string | null = ''; iterator !== null;) {
    const page = pageSchema.parse(await get(iterator === '' ? start : `${start}&iterator=${encodeURIComponent(iterator)}`));
    for (const row of rows.parse(page.data)) if (!visit(row)) return;
    iterator = page.done ? null : page.iterator;
  }
}
