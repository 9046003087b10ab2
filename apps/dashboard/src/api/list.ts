import { useInfiniteQuery } from '@tanstack/react-query';
import { get, pathOf, type Paged } from './client.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;

/**
 * A keyset list, page after page. `kind` is what live frames call it: it is the first part of the query's key, so that a change asks for it again. Pages
 * that were loaded stay while it is asked again.
 */
export function useList<Row>(kind: string, path: string, query: Query = {}) {
  const list = useInfiniteQuery({
    queryKey: [kind, 'list', path, query],
    queryFn: ({ pageParam, signal }) => get<Paged<Row>>(pathOf(path, { limit: 50, ...query, iterator: pageParam }), signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Paged<Row>) => (last.done ? undefined : (last.iterator ?? undefined)),
    maxPages: 200,
  });
  return { ...list, rows: list.data?.pages.flatMap((page) => page.data) ?? [] };
}
