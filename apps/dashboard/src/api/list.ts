import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get, pathOf, type Paged } from './client.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** A list of more pages than this is not asked for again by itself when something changes: it says that there is news. */
export const MOST_PAGES_FOLLOWED = 3;

/**
 * A keyset list, page after page. `kind` is what live frames call it: it is the first part of the query's key, so that a change asks for it again. Pages
 * that were loaded stay while it is asked again. `hasNews`: something changed, and so much is loaded that `fromTheTop` waits for a person to want it.
 */
export function useList<Row>(kind: string, path: string, query: Query = {}) {
  const client = useQueryClient();
  const queryKey = [kind, 'list', path, query];
  const list = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => get<Paged<Row>>(pathOf(path, { limit: 50, ...query, iterator: pageParam }), signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Paged<Row>) => (last.done ? undefined : (last.iterator ?? undefined)),
    maxPages: 200,
    // It is old when something changed, and not before.
    staleTime: Infinity,
  });
  const pages = list.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.data) ?? [], [pages]);
  const fromTheTop = (): void => {
    client.setQueryData(queryKey, (data: InfiniteData<Paged<Row>> | undefined) =>
      data === undefined ? undefined : { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
    );
    void list.refetch();
  };
  return { ...list, rows, hasNews: (pages?.length ?? 0) > MOST_PAGES_FOLLOWED && list.isStale && !list.isFetching, fromTheTop };
}
