import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseWith } from '../../application/parse-with.ts';
import { type Page, pageOf } from '../../domain/page.ts';

/** Query parameters of every list. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().pipe(z.int().min(1).max(250)).default(50),
  iterator: z
    .string()
    .regex(/^[+-][A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64})?$/, 'use an iterator of an earlier page')
    .optional(),
});

/** A page of such items. */
export const pageSchemaOf = (item: z.ZodType): z.ZodType =>
  z.object({ data: z.array(item), done: z.boolean(), iterator: z.string().nullable(), prevIterator: z.string().nullable() });

/** The page that the request asks for. A plus sign in a query string means a blank, so a blank in front is read as one. */
export function pageFor<Item extends { readonly id: string }>(
  request: FastifyRequest,
  items: readonly Item[],
  isDescending = false,
): Page<Item> {
  const query = z.record(z.string(), z.unknown()).parse(request.query);
  const { iterator } = query;
  const spelled = typeof iterator === 'string' ? { iterator: iterator.replace(/^ /, '+') } : {};
  return pageOf(items, parseWith(pageQuerySchema, { ...query, ...spelled }), isDescending);
}
