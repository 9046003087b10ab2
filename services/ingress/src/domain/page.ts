/** One page of a list, in the shape that users of Svix know. An iterator is opaque to the caller. */
export interface Page<Item> {
  readonly data: readonly Item[];
  readonly done: boolean;
  readonly iterator: string | null;
  readonly prevIterator: string | null;
}

/** `iterator` comes from an earlier page: `+<id>` is "after", `-<id>` is "before". */
export interface PageRequest {
  readonly limit: number;
  readonly iterator?: string | undefined;
}

const byId = (left: { id: string }, right: { id: string }): number => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0);

/** Cuts one page out of all items, ordered by id, or with `isDescending` the other way round. `done` means: nothing comes after this page. */
export function pageOf<Item extends { readonly id: string }>(
  items: readonly Item[],
  { limit, iterator }: PageRequest,
  isDescending = false,
): Page<Item> {
  const sign = isDescending ? -1 : 1;
  const sorted = items.toSorted((left, right) => sign * byId(left, right));
  const id = iterator?.slice(1);
  const backwards = iterator?.startsWith('-') ?? false;
  const isPast = (item: Item): boolean => id === undefined || sign * byId(item, { id }) >= (backwards ? 0 : 1);
  const first = sorted.findIndex(isPast);
  const edge = first < 0 ? sorted.length : first;
  const start = backwards ? Math.max(0, edge - limit) : edge;
  const data = sorted.slice(start, backwards ? edge : start + limit);
  const last = data.at(-1);
  const head = data[0];
  return {
    data,
    done: start + data.length >= sorted.length,
    iterator: last === undefined ? (iterator ?? null) : `+${last.id}`,
    prevIterator: head === undefined ? null : `-${head.id}`,
  };
}
