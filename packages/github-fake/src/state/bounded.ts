/** Adds to a list and forgets the oldest entries beyond `limit`, in batches so that adding stays cheap. */
export function addBounded<Item>(list: Item[], item: Item, limit: number): void {
  list.push(item);
  if (list.length > limit * 1.1) {
    list.splice(0, list.length - limit);
  }
}

/** How many entries ledgers, deliveries and runs keep. */
export const KEPT_ENTRIES = 100_000;
